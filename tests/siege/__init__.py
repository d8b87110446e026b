"""Slow clients, idle ones and floods, against a real `franked up`: what they cost, and that they harm nobody."""
