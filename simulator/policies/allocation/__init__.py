"""Who is served first, and how scarce stock is divided."""
