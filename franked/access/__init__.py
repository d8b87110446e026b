"""Getting out of the sandbox: checks, promises, the letter, the request."""
