"""Everything that waits: SimPy processes for customers, warehouse, suppliers, carriers and events."""
