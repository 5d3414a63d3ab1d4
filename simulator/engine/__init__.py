"""The rules of stock and orders: no clock, no dice, no SimPy."""
