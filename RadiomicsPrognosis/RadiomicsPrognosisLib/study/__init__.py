"""Develop and validate models: the pieces of a study and the engine that runs a recipe."""
