"""Quantizers beside each other: what is left of the accuracy, the bytes and the time."""
