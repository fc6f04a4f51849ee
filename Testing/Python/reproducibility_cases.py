"""Tables of simulated readings, of cases whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.reading.rule import ReproducibilityFilter

RULE = ReproducibilityFilter("ICC(2,1)", 0.6)
S1, S2 = load_model("s1_escc_lpfs_radscore"), load_model("s2_escc_ln_response")
SCALING = load_scaling("demonstration-sts-ct", S1)


def readings(features: dict[str, np.ndarray], reader: Sequence[str], session: Sequence[str] | None = None,
             case: Sequence[str] | None = None) -> pd.DataFrame:
    """Return a table of readings from features (cases, readings) and the reader and session of each reading."""
    n, k = next(iter(features.values())).shape
    cases = [f"P{number}" for number in range(n)] if case is None else case
    blocks = [pd.DataFrame({"case": cases, "reader": reader[j], **({"session": session[j]} if session else {}),
                            **{name: values[:, j] for name, values in features.items()}}) for j in range(k)]
    return pd.concat(blocks, ignore_index=True)


def simulated(model_features: Sequence[str], keys: Sequence[tuple[str, str]], n: int = 30, noise: float = 0.3,
              seed: int = 4) -> pd.DataFrame:
    """Return readings (reader, session) of ``keys`` of ``n`` cases with the demonstration scaling's moments."""
    generator = np.random.default_rng(seed)
    truth = generator.standard_normal((len(model_features), n, 1))
    values = truth + noise * generator.standard_normal((len(model_features), n, len(keys)))
    means, sds = SCALING.means, SCALING.sds
    features = {name: means.get(name, 3.0) + sds.get(name, 1.0) * item
                for name, item in zip(model_features, values, strict=True)}
    return readings(features, *zip(*keys, strict=True))


def model_readings(keys: Sequence[tuple[str, str]], n: int = 30, **more: object) -> pd.DataFrame:
    """Return simulated readings of S1's features with covariates and what an extraction says of itself."""
    table = simulated(S1.term_keys, keys, n)
    return table.assign(n_stage="N1", complete_response="no", protocol_hash=S1.image_protocol().hash,
                        protocol=S1.image_protocol().id, engine=SCALING.engine, engine_version="1", **more)


BOTH = [("A", "1"), ("A", "2"), ("B", "1"), ("B", "2")]
