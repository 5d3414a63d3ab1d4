"""Random numbers: named streams, distributions, arrival patterns, baskets."""
