"""The rules of the class games: rooms, seats, rounds, bots and debriefs; no HTTP and no HTML."""
