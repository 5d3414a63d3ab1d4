"""Purchases on their way: vendors, lanes, plants, depots."""
