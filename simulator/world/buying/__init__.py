"""When and how much to buy: planning, reviews and procurement."""
