"""Closed forms of inventory theory, each with its source; nothing here is taken from the simulator, nor simulated."""
