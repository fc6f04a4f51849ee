"""Which columns of a table are features, and the groups that they are summed up by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from ..catalogue import parse_name
from ..cohort.columns import PATIENT, require_columns
from ..cohort.extraction import PROVENANCE
from ..cohort.table import IDENTIFYING, REQUIRED
from ..errors import CohortError, SchemaError
from ..models.model import Model
from ..statistics.arrays import Integers
from .result import ALL, FEATURE_CLASS, IMAGE_TYPE
from .rows import READING

#: Columns of a table that are no features, beside a model's covariates.
RESERVED = frozenset((*REQUIRED, *IDENTIFYING, *PROVENANCE, PATIENT, READING, "cohort", "time", "event", "outcome",
                      "seconds", "score", "group", "distance", "probability", "withheld"))

#: What features are called whose name is none of pyradiomics'.
OTHER = "other"


def feature_columns(table: pd.DataFrame, model: Model | None = None) -> tuple[list[str], list[str]]:
    """Return the columns that are features, and other columns of numbers that are left aside.

    Features are the columns with names of pyradiomics, led by an input where a model has several, and those of the
    model. A table without any was made by other software: every column of numbers is one then that is neither reserved
    nor a covariate of the model. Raises CohortError when there is none, or one of the model's is absent.
    """
    terms = model.term_keys if model else []
    require_columns(table, list(terms))
    columns = [str(column) for column in table]
    own = set(terms)
    covariates = {item.name for item in model.covariates} if model else set()
    numeric = [name for name in columns if name not in RESERVED | covariates and table[name].dtype.kind in "fiu"
               and not name.startswith("survival_")]
    named = [name for name in columns if _parsed(name) is not None]
    features = [name for name in columns if name in own or name in set(named)] if named else \
        [name for name in columns if name in own or name in set(numeric)]
    if not features:
        raise CohortError("The readings hold no column of features: none has a name of pyradiomics, and there is no "
                          "other column of numbers.")
    return features, [name for name in numeric if name not in set(features)]


def _parsed(name: str) -> tuple[str, str] | None:
    """Return a feature's image type and class, None of a name that pyradiomics does not have."""
    try:
        parsed = parse_name(name.rpartition(":")[2])
    except SchemaError:
        return None
    return parsed.image_type, parsed.feature_class


def feature_groups(features: Sequence[str]) -> Iterator[tuple[str, str, Integers]]:
    """Yield (by, name, numbers of the features in it): all features, then each image type, then each class."""
    parsed = [_parsed(name) or (OTHER, OTHER) for name in features]
    yield ALL, "all features", np.arange(len(features))
    for by, position in ((IMAGE_TYPE, 0), (FEATURE_CLASS, 1)):
        names = np.array([item[position] for item in parsed])
        for name in dict.fromkeys(names.tolist()):
            yield by, name, np.flatnonzero(names == name)
