"""How mail and questions come in."""
