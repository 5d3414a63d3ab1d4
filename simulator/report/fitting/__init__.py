"""The page of a fit: its Q-Q plot, ranking and warnings."""
