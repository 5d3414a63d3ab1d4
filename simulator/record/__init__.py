"""Remember: the facts of one replication, written once, and what follows from them."""
