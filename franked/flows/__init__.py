"""What people use mail for, as flows over `accept`."""
