"""KPIs over time."""
