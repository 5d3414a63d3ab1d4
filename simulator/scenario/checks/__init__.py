"""Checks across keys: references, planning, supply, plausibility; presence of a file here is registration."""

from simulator.foundation.plugin import load_folder

load_folder(__name__, list(__path__))
