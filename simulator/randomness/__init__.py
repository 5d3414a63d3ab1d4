"""Dice: named random streams, distributions, arrival patterns, baskets."""
