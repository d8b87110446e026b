"""The way out: accept, take, compose, send, finish, sweep."""
