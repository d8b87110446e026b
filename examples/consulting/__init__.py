"""A consulting portal's sign-up, sign-in and password reset, with Franked as its post office."""
