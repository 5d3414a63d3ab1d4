"""Dice: named random streams, distributions, arrival patterns, baskets. Everything random in the world is drawn here."""
