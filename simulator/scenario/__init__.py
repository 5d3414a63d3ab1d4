"""The words of the user: the shape of a scenario file, how it is read, and what is checked before a run."""
