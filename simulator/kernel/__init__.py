"""The compiled lane: a kernel in C that plays the usual vocabulary as the simulation in SimPy does, bit for bit."""
