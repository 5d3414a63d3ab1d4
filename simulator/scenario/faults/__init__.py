"""Faults of a scenario file: where they are, what they mean, and stand-ins for the faulty values."""
