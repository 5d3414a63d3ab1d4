"""Windows: results for people: the scorecard, the catalogue of kinds, the story of an order."""
