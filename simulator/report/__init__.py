"""Results for readers: the scorecard, reports and pages, and the catalogue of kinds."""
