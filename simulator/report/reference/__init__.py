"""The catalogue of kinds, keys and KPIs."""
