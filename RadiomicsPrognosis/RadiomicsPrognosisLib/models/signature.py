"""A signature: the weighted features whose sum is a score."""

from __future__ import annotations

from dataclasses import dataclass

from ..checked import Table
from ..contract import entry


@dataclass(frozen=True, kw_only=True)
class WeightedFeature:
    """A term of a signature: ``coefficient`` times the feature of one input (its z-score where standardised)."""

    feature: str = entry(description="pyradiomics' name, e.g. wavelet-HLL_glcm_Idn, or the column's name when "
                                     "features_from is table")
    coefficient: float
    input: str = ""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """score = intercept + sum of coefficient x value, the value z-scored when ``standardised``."""

    name: str
    intercept: float = entry(default=0.0, always=True)
    standardised: bool = entry(description="whether terms are z-scored with a scaling")
    terms: tuple[WeightedFeature, ...] = entry(least="feature")

    def check(self, table: Table) -> None:
        """Raise SchemaError for a feature named twice."""
        if len({(term.input, term.feature) for term in self.terms}) < len(self.terms):
            table.fail("terms", "name a feature twice")
