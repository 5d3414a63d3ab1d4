"""Results on disk: manifest, journal, replications, series and orders."""
