"""What KPIs are computed from: facts of a run, arranged and remembered."""
