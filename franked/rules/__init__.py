"""What is allowed. Pure: no I/O, no clock, no random number, nothing else of ours."""
