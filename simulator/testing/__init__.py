"""Tests of scenarios: a pytest plug-in that is installed with the package."""
