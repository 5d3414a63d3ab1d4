"""The tracking page of an order: what its customer sees on any day, beside what really happened."""
