"""Sentences, names and numbers shared by terminal and pages."""
