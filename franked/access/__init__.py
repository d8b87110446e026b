"""Getting out of the sandbox: what is checked, promised, written and asked for."""
