"""What the compiled library does faster than numpy, with the same bits, and what stands in for it."""
