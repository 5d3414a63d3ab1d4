"""Charts as SVG: scales and ticks, marks, and the colours, dashes and shapes that distinguish policies."""
