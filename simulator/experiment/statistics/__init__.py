"""Intervals, verdicts, rankings and the frontier."""
