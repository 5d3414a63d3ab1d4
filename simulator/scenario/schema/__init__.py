"""The keys of a scenario file, one file per section."""
