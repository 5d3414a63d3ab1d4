"""The games: one module each, registered by its presence."""

from simulator.foundation.plugin import load_folder

load_folder(__name__, list(__path__))
