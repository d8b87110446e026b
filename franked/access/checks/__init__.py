"""What must be so before AWS is asked, each check a small function."""
