"""Develop and validate models: a recipe run on a cohort, and what comes of it."""
