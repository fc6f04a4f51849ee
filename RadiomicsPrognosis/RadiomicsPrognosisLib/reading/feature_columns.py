"""Which columns of a table are features."""

from __future__ import annotations

import pandas as pd

from ..cohort.columns import PATIENT, require_columns
from ..cohort.extraction import PROVENANCE
from ..cohort.inputs import bare_column
from ..cohort.table import IDENTIFYING, REQUIRED
from ..errors import CohortError
from ..models.model import Model
from .judging import type_and_class
from .rows import READING

#: Columns of a table that are no features, beside a model's covariates.
RESERVED = frozenset((*REQUIRED, *IDENTIFYING, *PROVENANCE, PATIENT, READING, "cohort", "time", "event", "outcome",
                      "seconds", "score", "group", "distance", "probability", "withheld"))


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
    numeric = [name for name in columns if bare_column(name) not in RESERVED | covariates
               and table[name].dtype.kind in "fiu" and not name.startswith("survival_")]
    named = [name for name in columns if type_and_class(name) is not None]
    features = [name for name in columns if name in own or name in set(named)] if named else \
        [name for name in columns if name in own or name in set(numeric)]
    if not features:
        raise CohortError("The readings hold no column of features: none has a name of pyradiomics, and there is no "
                          "other column of numbers.")
    return features, [name for name in numeric if name not in set(features)]
