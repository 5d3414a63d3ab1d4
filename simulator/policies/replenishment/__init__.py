"""When to buy, and how much."""
