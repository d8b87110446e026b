"""What we stand on."""
