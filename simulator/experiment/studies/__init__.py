"""Studies of many points: sweep, factorial, optimise, recommend, stress."""
