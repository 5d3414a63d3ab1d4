"""Decide: the choices a company makes about its stock and its orders, each a small pure plug-in."""

from simulator.foundation.plugin import load_folder

load_folder(__name__, list(__path__))
