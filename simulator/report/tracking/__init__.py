"""The tracking page of one order: what its customer is told and shown on any day, beside what really happened."""
