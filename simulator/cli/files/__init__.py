"""Verbs about scenario files, which simulate nothing."""
