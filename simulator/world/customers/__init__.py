"""Demand: order streams, checkout, footfall, loyalty."""
