"""What people send: flows over the way out. Each asks for mail as any door does."""
