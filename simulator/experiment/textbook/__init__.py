"""Simulated against textbook values: what is measured, the cases, and the verdict."""
