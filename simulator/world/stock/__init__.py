"""Shelves, allocation and what happens to stock."""
