"""The rules of stock and orders, without clock, random numbers or SimPy."""
