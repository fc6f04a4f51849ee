"""pyradiomics, the reference that features are compared with; where it is not installed, what imports this is skipped.
"""

from __future__ import annotations

import pytest

pytest.importorskip("radiomics", reason="pyradiomics, the reference that features are compared with, is not installed")

from radiomics import cMatrices, cShape, featureextractor, logger

__all__ = ["cMatrices", "cShape", "featureextractor", "logger"]
