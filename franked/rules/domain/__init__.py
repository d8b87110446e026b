"""What a sending domain must publish, and what is wrong with what it does."""
