"""Getting out of the sandbox."""
