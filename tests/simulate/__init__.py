"""The whole service in one process, on a virtual clock, in an order drawn from a seed: `python -m tests.simulate`."""
