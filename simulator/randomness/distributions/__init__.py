"""The kinds of distribution; a file in this folder is registered by its presence."""

from simulator.foundation.plugin import load_folder

load_folder(__name__, list(__path__))
