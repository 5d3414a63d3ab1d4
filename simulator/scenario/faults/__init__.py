"""How faults in a scenario file are found and explained."""
