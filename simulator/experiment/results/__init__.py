"""What a finished experiment holds: tables, comparisons, baselines, expectations."""
