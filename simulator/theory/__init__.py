"""Closed forms of inventory theory, each with its source; independent of the simulator."""
