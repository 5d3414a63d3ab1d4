"""What `--keep` saves of every replication: single orders, all facts, event logs for process mining."""
