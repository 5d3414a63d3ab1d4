"""Disturb: what goes wrong (or viral) in the world, scheduled or random."""

from simulator.foundation.plugin import load_folder

load_folder(__name__, list(__path__))
