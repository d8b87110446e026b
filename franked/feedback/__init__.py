"""The way back: receive, settle."""
