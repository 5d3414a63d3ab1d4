"""Commands that run replications."""
