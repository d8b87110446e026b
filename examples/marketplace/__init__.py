"""A service marketplace: bookings between customers and providers."""
