"""What people use mail for: each flow sends by `accept`, like any door."""
