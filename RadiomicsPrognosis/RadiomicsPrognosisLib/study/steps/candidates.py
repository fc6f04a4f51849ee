"""The features that a signature may select: which it starts from, and which its filters leave, scaled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...cohort.inputs import bare_column
from ...errors import CohortError
from ...statistics.multiplicity import adjusted
from ...statistics.redundancy import drop_redundant
from ..endpoints import Observations
from ..recipe.recipe import LOWEST_P, REFUSE, Recipe, RedundancyFilter, SignatureSpec, UnivariateFilter
from ..results.signatures import SelectionStep, SignatureResult
from ..rows.data import RESERVED

#: A spread within rounding of the mean, relative to it, is a constant feature: a z-score would divide by noise.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Training:
    """The rows a signature learns from: candidate values ``x`` (n, p) of ``columns``, endpoint, patients, fold ids."""

    x: np.ndarray
    columns: tuple[str, ...]
    observed: Observations
    patients: np.ndarray
    fold_ids: np.ndarray | None = None

    def rows(self, which: np.ndarray) -> Training:
        """Return the same of some rows (mask or numbers)."""
        return replace(self, x=self.x[which], observed=self.observed.rows(which), patients=self.patients[which],
                       fold_ids=None if self.fold_ids is None else self.fold_ids[which])


@dataclass(frozen=True, eq=False, kw_only=True)
class Candidates:
    """Features still in the running: values ``x`` (n, p) of ``names``, and the ``steps`` that left them.

    ``p`` (p,) are their univariate p values as they are, ``means`` and ``sds`` (p,) those of the scaling; each None
    where the signature has no such step.
    """

    x: np.ndarray
    names: tuple[str, ...]
    steps: tuple[SelectionStep, ...] = ()
    p: np.ndarray | None = None
    means: np.ndarray | None = None
    sds: np.ndarray | None = None

    def keep(self, which: np.ndarray, step: str, text: str) -> Candidates:
        """Return the candidates of the mask ``which`` (p,), with a record of the ``step`` that chose them."""
        def those(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[which]

        names = tuple(name for name, kept in zip(self.names, which, strict=True) if kept)
        record = SelectionStep(step, len(self.names), len(names), text)
        return Candidates(x=self.x[:, which], names=names, steps=(*self.steps, record), p=those(self.p),
                          means=those(self.means), sds=those(self.sds))

    def among(self, names: Sequence[str]) -> np.ndarray:
        """Return the mask (p,) of the candidates that ``names`` hold."""
        wanted = set(names)
        return np.array([name in wanted for name in self.names], dtype=bool)


def candidate_features(recipe: Recipe, spec: SignatureSpec, table: pd.DataFrame,
                       earlier: Mapping[str, SignatureResult]) -> tuple[str, ...]:
    """Return the names of the features that ``spec`` starts from. Raises CohortError for columns that are absent."""
    rule = spec.features
    if rule.pattern:
        prefix = recipe.column_of(spec, "")
        others = RESERVED | {item.name for item in recipe.covariates} | {recipe.split.column, *recipe.split.stratify}
        others |= {column for endpoint in recipe.endpoints for column in endpoint.columns}
        own = [column.removeprefix(prefix) for column in map(str, table.columns)
               if column.startswith(prefix) and column not in others and bare_column(column) not in RESERVED]
        names = [name for name in own if re.fullmatch(rule.pattern, name)]
        if not names:
            raise CohortError(f"No column of the cohort matches the features of signature '{spec.id}' "
                              f"({prefix}{rule.pattern}).")
        return tuple(names)
    if rule.signature:
        return tuple(term.feature for term in earlier[rule.signature].terms)
    names = list(recipe.protocol.feature_names() if rule.protocol and recipe.protocol else rule.names)
    absent = [name for name in names if recipe.column_of(spec, name) not in table]
    if absent:
        raise CohortError(f"The cohort lacks {len(absent)} of the {len(names)} features of signature '{spec.id}', "
                          f"first '{recipe.column_of(spec, absent[0])}'; extract them under the recipe's protocol.")
    return tuple(names)


def filtered_candidates(spec: SignatureSpec, training: Training, reproducible: Sequence[str] | None) -> Candidates:
    """Return the candidates that every filter of ``spec`` leaves, scaled; none may be left.

    ``reproducible`` are the features that the reproducibility filter keeps, None where there is none. Raises
    CohortError for a missing value that the recipe refuses, and when all features are constant.
    """
    count = len(training.columns)
    start = SelectionStep("features", count, count, f"{count} candidate features.")
    candidates = Candidates(x=training.x, names=training.columns, steps=(start,))
    if reproducible is not None:
        candidates = candidates.keep(candidates.among(reproducible), "reproducibility",
                                     "Features that are reproducible over readings are kept.")
    if not candidates.names:
        return candidates
    candidates = _scaled(_complete(candidates, spec), spec)
    if spec.univariate:
        candidates = univariate_filter(candidates, spec.univariate, training.observed)
    if spec.redundancy and candidates.names:
        candidates = redundancy_filter(candidates, spec.redundancy)
    return candidates


def univariate_filter(candidates: Candidates, rule: UnivariateFilter, observed: Observations) -> Candidates:
    """Return the candidates whose adjusted p value, each alone, ``rule`` admits.

    The p values as they are go with them and rank the features: adjusted ones are tied.
    """
    test, p = observed.test_columns(candidates.x, candidates.names)
    adjustment = f" ({rule.adjustment})" if rule.adjustment != "none" else ""
    return replace(candidates, p=p).keep(adjusted(p, rule.adjustment) <= rule.p_at_most, "univariate",
                                         f"{test}, p <= {rule.p_at_most:g}{adjustment}.")


def redundancy_filter(candidates: Candidates, rule: RedundancyFilter) -> Candidates:
    """Return the candidates without those correlated with one that ``rule`` prefers."""
    result = drop_redundant(candidates.x, rule.threshold, candidates.names,
                            candidates.p if rule.prefer == LOWEST_P else None)
    return candidates.keep(candidates.among(result.kept), "redundancy",
                           f"{len(result.dropped)} features with |Spearman's rho| >= {result.threshold:g} to a "
                           f"preferred one ({rule.prefer}) are dropped.")


def _complete(candidates: Candidates, spec: SignatureSpec) -> Candidates:
    missing = ~np.isfinite(candidates.x).all(axis=0)
    if not missing.any():
        return candidates
    if spec.features.missing == REFUSE:
        rows = int((~np.isfinite(candidates.x)).any(axis=1).sum())
        raise CohortError(f"{int(missing.sum())} features of signature '{spec.id}' have missing values in {rows} "
                          f"training rows (first: {candidates.names[missing.argmax()]}); complete or remove those "
                          "rows, or let the recipe leave such features out (features.missing).")
    return candidates.keep(~missing, "missing", "Features with a missing value in a training row are left out.")


def _scaled(candidates: Candidates, spec: SignatureSpec) -> Candidates:
    """Drop constant features and z-score the others with the rows' own means and SDs (n - 1, as R's scale)."""
    means, sds = candidates.x.mean(axis=0), candidates.x.std(axis=0, ddof=1)
    varies = sds > _ROUNDING * np.maximum(np.abs(means), np.finfo(float).tiny)
    if not varies.any():
        raise CohortError(f"All {len(candidates.names)} features of signature '{spec.id}' are constant in the "
                          f"{len(candidates.x)} training rows; nothing can be selected.")
    if not varies.all():
        candidates = candidates.keep(varies, "constant", "Features with one value in all training rows are left out.")
    if spec.scaling == "none":
        return candidates
    means, sds = means[varies], sds[varies]
    return replace(candidates, x=(candidates.x - means) / sds, means=means, sds=sds)
