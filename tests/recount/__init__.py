"""Seeded events in any order, some twice: what the record counts, and what a simple recount says."""
