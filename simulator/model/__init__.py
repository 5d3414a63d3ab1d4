"""Nouns: what the world consists of, as plain values that facts refer to."""
