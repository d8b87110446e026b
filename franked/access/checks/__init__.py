"""What is looked at before AWS is asked: one small function a check, each with its evidence and its remedy."""
