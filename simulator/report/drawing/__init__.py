"""Charts as SVG: scales and ticks, marks, and the colours, dashes and shapes by which policies are told apart."""
