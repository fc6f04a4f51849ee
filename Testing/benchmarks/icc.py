"""Intraclass correlations of 851 features, 30 subjects, 2 raters: all at once against a loop over pingouin, in one run.

pingouin (GPL-3) is no part of the project: install it into the environment that runs this script
(python -m pip install pingouin), best one of its own. Usage: icc.py [repeats]
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings

import numpy as np

from RadiomicsPrognosisLib.statistics.icc import FORMS, intraclass_correlation

FEATURES, SUBJECTS, RATERS = 851, 30, 2


def simulate(seed: int = 1) -> np.ndarray:
    """Return readings (features, subjects, raters) whose true ICC runs from 0.2 to 0.99 over the features."""
    generator = np.random.default_rng(seed)
    share = np.linspace(0.2, 0.99, FEATURES)[:, None, None]
    truth = generator.standard_normal((FEATURES, SUBJECTS, 1))
    return np.sqrt(share) * truth + np.sqrt(1 - share) * generator.standard_normal((FEATURES, SUBJECTS, RATERS))


def peer(readings: np.ndarray) -> np.ndarray:
    """Return pingouin's ICCs (features, forms), one call per feature."""
    import pandas as pd
    import pingouin

    subject, rater = (index.ravel() for index in np.indices((SUBJECTS, RATERS)))
    rows = []
    for reading in readings:
        table = pd.DataFrame({"subject": subject, "rater": rater, "value": reading.ravel()})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows.append(pingouin.intraclass_corr(table, "subject", "rater", "value")["ICC"].to_numpy())
    return np.array(rows)


def ours(readings: np.ndarray) -> np.ndarray:
    """Return our ICCs (features, forms); intervals, F and p are computed too, as pingouin does."""
    table = intraclass_correlation(readings)
    return np.array([table.forms[form].icc for form in FORMS]).T


def main() -> int:
    """Run both ``repeats`` times in turn, print times, ratio and agreement."""
    try:
        import pingouin
    except ImportError:
        print("pingouin is not installed here; run 'python -m pip install pingouin' in an environment of its own",
              file=sys.stderr)
        return 2
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    readings = simulate()
    ours(readings), peer(readings[:2])
    seconds: dict[str, list[float]] = {"ours": [], "pingouin": []}
    for _ in range(repeats):
        for name, run in (("ours", ours), ("pingouin", peer)):
            start = time.perf_counter()
            values = run(readings)
            seconds[name].append(time.perf_counter() - start)
            if name == "ours":
                mine = values
        difference = np.abs(values - mine).max()
    ours_s, peer_s = (statistics.median(seconds[name]) for name in ("ours", "pingouin"))
    print(f"{FEATURES} features x {SUBJECTS} subjects x {RATERS} raters, six forms with intervals, median of {repeats}")
    print(f"pingouin {pingouin.__version__}: {peer_s:.3f} s   ours: {1000 * ours_s:.2f} ms   "
          f"ratio {peer_s / ours_s:.0f}x")
    print(f"largest difference of an ICC: {difference:.1e}")
    return 0 if peer_s >= 100 * ours_s else 1


if __name__ == "__main__":
    sys.exit(main())
