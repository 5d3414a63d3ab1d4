"""Decide: which of several sites serves an order, and whether sites send stock to each other."""

from simulator.foundation.plugin import load_folder

load_folder(__name__, list(__path__))
