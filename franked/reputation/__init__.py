"""Staying welcome: what keeps an account in good standing, by itself and in time."""
