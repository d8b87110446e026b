"""Wire shapes, both ways. Pure: no I/O, no clock, no random number."""
