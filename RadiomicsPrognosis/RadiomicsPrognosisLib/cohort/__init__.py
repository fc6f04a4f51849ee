"""Cohort tables (one row per VOI) and the extraction of their features, resumable and in parallel."""
