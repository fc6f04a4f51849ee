"""The version of RadiomicsPrognosis, stamped into every prediction."""

__version__ = "0.1.0"
