"""The life of one order."""
