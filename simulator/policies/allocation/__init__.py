"""Who is served first, and how scarce stock is divided."""

from simulator.foundation.plugin import load_folder

load_folder(__name__, list(__path__))
