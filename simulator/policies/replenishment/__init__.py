"""When to buy, and how much."""

from simulator.foundation.plugin import load_folder

load_folder(__name__, list(__path__))
