"""Which features a rule keeps in compared readings, and how many of each group; needs no table, so that it is quick.

The command judges by these functions when it analyses readings, the panel when another rule is chosen for a result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..catalogue import parse_name
from ..errors import CohortError, SchemaError
from ..statistics.arrays import Floats, Integers
from ..statistics.icc import IccTable
from .rule import FORM_SENTENCES, ReproducibilityFilter
from .study_result import (
    ALL,
    FEATURE_CLASS,
    IMAGE_TYPE,
    INTER,
    INTRA,
    FailedFeature,
    FeatureFilter,
    FeatureSummary,
    ReadingComparison,
    ReproducibilityResult,
)

#: What features are called whose name is none of pyradiomics'.
OTHER = "other"


def judged_again(result: ReproducibilityResult, rule: ReproducibilityFilter,
                 terms: Sequence[str] = ()) -> ReproducibilityResult:
    """Return ``result`` as it would be had ``rule`` been asked for; ``terms`` are the features to list if they fail.

    Raises CohortError when no comparison that the rule names can be judged.
    """
    comparisons = tuple(replace(item, groups=summaries(item.icc, rule) if item.icc else ())
                        for item in result.comparisons)
    return replace(result, form=rule.form, form_sentence=FORM_SENTENCES[rule.form], comparisons=comparisons,
                   filter=judge(comparisons, result.filter.features, rule, terms))


def summaries(icc: IccTable, rule: ReproducibilityFilter) -> tuple[FeatureSummary, ...]:
    """Return how the ICCs of all features, of each image type and of each class are distributed."""
    values = icc.forms[rule.form].icc
    kept = np.isin(icc.features, icc.kept(rule.form, rule.threshold, rule.bound))
    rows = []
    for by, name, members in feature_groups(icc.features):
        known: Floats = values[members].compressed()
        quartiles = [float(item) for item in np.percentile(known, (25, 50, 75))] if len(known) else [None] * 3
        rows.append(FeatureSummary(by=by, name=name, features=len(members), defined=len(known),
                                   kept=int(kept[members].sum()), lower_quartile=quartiles[0], median=quartiles[1],
                                   upper_quartile=quartiles[2]))
    return tuple(rows)


def judged(comparisons: Sequence[ReadingComparison], rule: ReproducibilityFilter) -> list[ReadingComparison]:
    """Return the comparisons that the rule judges by: of each kind that it names the first, where it has ICCs."""
    first = [next((item for item in comparisons if item.kind == kind), None) for kind in (INTRA, INTER)
             if kind in rule.comparisons]
    return [item for item in first if item is not None and item.icc is not None]


def judge(comparisons: Sequence[ReadingComparison], features: Sequence[str], rule: ReproducibilityFilter,
          model_terms: Sequence[str]) -> FeatureFilter:
    """Return which features pass; raises CohortError when no comparison can be judged."""
    used = judged(comparisons, rule)
    if not used:
        raise CohortError(f"No {' or '.join(rule.comparisons)} comparison has an ICC to filter by: "
                          f"{comparisons[0].reason or 'add readings of two or more cases.'}")
    passed = {item.id: set(item.icc.kept(rule.form, rule.threshold, rule.bound)) for item in used if item.icc}
    failed = [FailedFeature(feature=feature, comparison=item.id, value=judged_value(item, feature, rule),
                            status=item.icc.status[item.icc.features.index(feature)])
              for feature in dict.fromkeys(model_terms) for item in used
              if item.icc and feature not in passed[item.id]]
    return FeatureFilter(form=rule.form, threshold=rule.threshold, on=rule.bound,
                         comparisons=tuple(item.id for item in used), features=tuple(features),
                         kept=tuple(name for name in features if all(name in names for names in passed.values())),
                         failed=tuple(failed))


def judged_value(comparison: ReadingComparison, feature: str, rule: ReproducibilityFilter) -> float | None:
    """Return what the rule compares with its threshold: the feature's ICC or its lower bound, None without one."""
    if comparison.icc is None:
        return None
    form = comparison.icc.forms[rule.form]
    value = (form.icc if rule.bound == "estimate" else form.lower)[comparison.icc.features.index(feature)]
    return None if value is np.ma.masked else float(value)


def type_and_class(name: str) -> tuple[str, str] | None:
    """Return a feature's image type and class, None of a name that pyradiomics does not have."""
    try:
        parsed = parse_name(name.rpartition(":")[2])
    except SchemaError:
        return None
    return parsed.image_type, parsed.feature_class


def feature_groups(features: Sequence[str]) -> Iterator[tuple[str, str, Integers]]:
    """Yield (by, name, numbers of the features in it): all features, then each image type, then each class."""
    kinds = [type_and_class(name) or (OTHER, OTHER) for name in features]
    yield ALL, "all features", np.arange(len(features))
    for by, position in ((IMAGE_TYPE, 0), (FEATURE_CLASS, 1)):
        names = np.array([item[position] for item in kinds])
        for name in dict.fromkeys(names.tolist()):
            yield by, name, np.flatnonzero(names == name)
