"""Pages with controls: the film and the sweep page."""
