"""Measurement: every number we report is a function of the facts of a finished run, defined once, here."""
