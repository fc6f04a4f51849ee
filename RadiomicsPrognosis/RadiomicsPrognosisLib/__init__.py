"""RadiomicsPrognosis without a screen: from a contoured CT to Rad-score, risk group and predicted survival."""

from .version import __version__

__all__ = ["__version__"]
