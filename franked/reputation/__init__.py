"""Staying welcome at AWS: the brake, and whoever tells people. Rounds, which send mail by `accept` like any door."""
