"""The KPIs, one file per group."""
