"""How replications are run: in this process, by workers or a cluster, and when to stop."""
