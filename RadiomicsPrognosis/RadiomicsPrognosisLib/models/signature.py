"""A signature: the weighted features whose sum is a score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..checked import Table
from ..contract import entry
from ..statistics.arrays import Floats
from .cutoff import Cutoff
from .predictors import SCORE

#: How a signature enters a linear predictor: by its score, or by the group of its own cut-off.
ENTER_SCORE, ENTER_GROUP = "score", "group"


@dataclass(frozen=True, kw_only=True)
class WeightedFeature:
    """A term of a signature: ``coefficient`` times the feature of one input (its z-score where standardised)."""

    feature: str = entry(description="pyradiomics' name, e.g. wavelet-HLL_glcm_Idn, or the column's name when "
                                     "features_from is table")
    coefficient: float
    input: str = ""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """score = intercept + sum of coefficient x value, the value z-scored when ``standardised``.

    ``id`` is its name among the coefficients of survival or probability. It enters them by its score, or as its group:
    0 below its ``cutoff`` and 1 above.
    """

    id: str = entry(default=SCORE, description="its name among the coefficients; 'score' for a model's one signature")
    name: str
    intercept: float = entry(default=0.0, always=True)
    standardised: bool = entry(description="whether terms are z-scored with a scaling")
    terms: tuple[WeightedFeature, ...] = entry(least="feature")
    enter: str = entry(default=ENTER_SCORE, choices=(ENTER_SCORE, ENTER_GROUP),
                       description="score (the default), or group: 0 below the signature's cut-off and 1 above")
    cutoff: Cutoff | None = entry(default=None, description="the cut-off by which it enters as a group")

    def check(self, table: Table) -> None:
        """Raise SchemaError for a feature named twice, and where ``enter`` and ``cutoff`` do not fit each other."""
        if len({(term.input, term.feature) for term in self.terms}) < len(self.terms):
            table.fail("terms", "name a feature twice")
        if (self.enter == ENTER_GROUP) != (self.cutoff is not None):
            table.fail("cutoff", f"belongs to enter = '{ENTER_GROUP}', and that needs a cut-off")
        if self.cutoff is not None and self.cutoff.on != SCORE:
            table.fail("cutoff.on", f"must be '{SCORE}': a signature's own cut-off is on its score")

    def group_label(self, score: float) -> str:
        """Return the group as which ``score`` enters a linear predictor, empty where it enters as itself."""
        return "" if self.cutoff is None else self.cutoff.labels[self.cutoff.is_above(score)]

    def entered(self, score: Floats) -> Floats:
        """Return what scores (n,) enter a linear predictor as: themselves, or 0 and 1 by group; NaN stays NaN."""
        if self.cutoff is None:
            return score
        return np.where(np.isfinite(score), self.cutoff.is_above(score), np.nan)
