"""Scenarios under test: a pytest plug-in that comes with the package."""
