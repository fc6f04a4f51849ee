"""lifelines and our kernels against R, quantity by quantity, and what each costs: one process, R's stored results.

The bar for a reported number is a difference of 1e-8 of R's value. A quantity that docs/decisions/0001-lifelines.md
takes from lifelines and misses it, or that is the kernels' and misses it, makes the exit code 1.
Usage: lifelines_agreement.py [seconds a timing takes, 0.3]
"""

from __future__ import annotations

import subprocess
import sys
import timeit
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Python"))

import lifelines
import numpy as np
import pandas as pd
from estimate_cases import cox_cases, curve_cases, incidence_cases, log_rank_cases, numbers
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import median_survival_times, restricted_mean_survival_time

from RadiomicsPrognosisLib.estimates import competing, cox, log_rank, restricted_mean, survival_curve
from RadiomicsPrognosisLib.statistics import competing as competing_kernel
from RadiomicsPrognosisLib.statistics import cox as cox_kernel
from RadiomicsPrognosisLib.statistics import kaplan_meier as kaplan_meier_kernel
from RadiomicsPrognosisLib.statistics import restricted_mean as restricted_mean_kernel

BAR = 1e-8
#: A quantity on one data set: its name, lifelines' values (None: it has none), the kernel's, R's.
Row = tuple[str, Any, Any, Any]


class Quantity:
    """The largest differences from R over the data sets, relative to R's value; ``gaps`` counts values that are R's and
    the kernel's but NaN in lifelines, and are not reported from there."""

    def __init__(self, name: str):
        # p values of any size count; of other quantities those below 1e-6 are compared with that.
        self._least = 1e-300 if name.endswith(": p") else 1e-6
        self.lifelines: float | None = None
        self.kernel: float | None = None
        self.gaps = 0

    def add(self, lifelines_values: Any, kernel_values: Any, r_values: Any) -> None:
        """Compare the values of one data set."""
        theirs = numbers(r_values).ravel()
        if lifelines_values is not None:
            ours = numbers(lifelines_values).ravel()
            there = ~np.isnan(ours)
            self.gaps += int((~there & np.isfinite(theirs)).sum())
            self.lifelines = self._larger(self.lifelines, ours[there], theirs[there])
        if kernel_values is not None:
            values = np.ma.filled(np.ma.asarray(kernel_values, dtype=float), np.nan)
            self.kernel = self._larger(self.kernel, values.ravel(), theirs)

    def _larger(self, so_far: float | None, ours: np.ndarray, theirs: np.ndarray) -> float:
        # Where R has no value (the se at survival 0, a log-log bound at survival 1) there is nothing to compare.
        known = np.isfinite(theirs)
        difference = np.abs(ours[known] - theirs[known]) / np.maximum(np.abs(theirs[known]), self._least)
        return max(so_far or 0.0, float(np.nan_to_num(difference, nan=np.inf).max(initial=0.0)))


#: Quantities that are lifelines'; all others are the kernels'.
LIFELINES = {
    "Kaplan-Meier: at risk, events, censored", "Kaplan-Meier: survival", "Kaplan-Meier: log-log interval",
    "log-rank: chi-squared", "log-rank: p", "restricted mean: mean", "Aalen-Johansen, causes untied: incidence",
    "Aalen-Johansen, causes untied: se", "Aalen-Johansen, causes untied: log-log interval",
    *(f"Cox, Efron: {name}" for name in ("coefficients", "se", "z", "p", "hazard ratios and bounds", "covariance",
                                         "log-likelihood", "AIC", "likelihood ratio test"))}


def curve_rows() -> Iterator[Row]:
    """Yield the quantities of Kaplan-Meier curves and restricted means."""
    for _, data, r in curve_cases():
        fitted = lifelines.KaplanMeierFitter().fit(*data)
        ours, loglog = (kaplan_meier_kernel.kaplan_meier(*data, interval) for interval in ("log", "log-log"))
        rows = np.array(r["index"])
        at = ours.times[rows]
        counts = fitted.event_table.loc[at]
        yield ("Kaplan-Meier: at risk, events, censored", counts[["at_risk", "observed", "censored"]].to_numpy(),
               np.column_stack([ours.at_risk, ours.events, ours.censored])[rows],
               np.column_stack([r["n_risk"], r["n_event"], r["n_censor"]]))
        yield "Kaplan-Meier: survival", fitted.survival_function_.loc[at].to_numpy(), ours.survival[rows], r["surv"]
        yield "Kaplan-Meier: se", None, ours.se[rows], r["se"]
        yield "Kaplan-Meier: log interval", None, _bounds(ours, rows), _r_bounds(r["log"])
        yield ("Kaplan-Meier: log-log interval", fitted.confidence_interval_.loc[at].to_numpy(), _bounds(loglog, rows),
               _r_bounds(r["loglog"]))
        medians = [fitted.median_survival_time_, *median_survival_times(fitted.confidence_interval_).to_numpy().ravel()]
        # -1 stands for not reached.
        three = [[-1.0 if value is None or np.isinf(value) else value for value in values] for values in (
            medians, (loglog.median, loglog.median_lower, loglog.median_upper), r["loglog"]["median"])]
        yield "Kaplan-Meier: median", *(values[:1] for values in three)
        yield "Kaplan-Meier: bounds of the median (log-log)", *(values[1:] for values in three)
        for expected in r["restricted"]:
            mean, variance = restricted_mean_survival_time(fitted, expected["horizon"], return_variance=True)
            kernel = restricted_mean_kernel.restricted_mean(*data, expected["horizon"])
            yield "restricted mean: mean", mean, kernel.mean, expected["mean"]
            yield "restricted mean: se", np.sqrt(max(variance, 0.0)), kernel.se, expected["se"]


def log_rank_rows() -> Iterator[Row]:
    """Yield the quantities of log-rank tests, those with a group that is never expected to have an event apart."""
    for _, data, r in log_rank_cases():
        test, kernel = multivariate_logrank_test(data[0], data[2], data[1]), kaplan_meier_kernel.log_rank(*data)
        kind = "log-rank" if min(r["exp"]) > 0 else "log-rank, a group leaves before the first event"
        yield f"{kind}: chi-squared", test.test_statistic, kernel.test.statistic, r["chisq"]
        yield f"{kind}: p", test.p_value, kernel.test.p, r["p"]
        yield "log-rank: expected events", None, kernel.expected, r["exp"]


def incidence_rows() -> Iterator[Row]:
    """Yield the quantities of cumulative incidences, those of data where two causes share a time, or 0, apart."""
    for _, (time, cause), r in incidence_cases():
        rows, at = np.array(r["index"]), np.array(r["time"], float)
        for of in sorted({1, 2} & set(cause.astype(int))):
            ours, loglog = (competing_kernel.cumulative_incidence(time, cause, of, interval)
                            for interval in ("log", "log-log"))
            fitted = lifelines.AalenJohansenFitter(seed=1).fit(time, cause.astype(int), of)
            table = pd.concat([fitted.cumulative_density_, fitted.variance_**0.5, fitted.confidence_interval_], axis=1)
            values = table.reindex(at, method="ffill").to_numpy()
            tied = ((ours.events > 0) & (ours.competing > 0)).any()
            kind = "Aalen-Johansen, causes untied" if not tied and at[0] > 0 else "Aalen-Johansen, causes tied or at 0"
            expected = r[f"cause{of}"]
            yield f"{kind}: incidence", values[:, 0], ours.incidence[rows], expected["estimate"]
            yield f"{kind}: se", values[:, 1], ours.se[rows], expected["se"]
            yield (f"{kind}: log-log interval", np.sort(values[:, 2:], axis=1), _bounds(loglog, rows),
                   _r_bounds(expected["loglog"]))
            yield "Aalen-Johansen: log interval", None, _bounds(ours, rows), _r_bounds(expected["log"])


def cox_rows() -> Iterator[Row]:
    """Yield the quantities of Cox models."""
    for _, data, r in cox_cases():
        frame = pd.DataFrame(data[2]).assign(time=data[0], event=data[1])
        loose = lifelines.CoxPHFitter().fit(frame, "time", "event")
        yield "Cox, Efron: coefficients (lifelines' default settings)", loose.params_, None, r["efron"]["coef"]
        fitted = lifelines.CoxPHFitter().fit(frame, "time", "event", fit_options=cox.TIGHT)
        for ties in ("efron", "breslow"):
            kind, expected, kernel = f"Cox, {ties.capitalize()}", r[ties], cox_kernel.fit_cox(*data, ties=ties)
            theirs = _lifelines_model(fitted, data[2][:2], expected) if ties == "efron" else {}
            for name, ours, values in _model_quantities(kernel, data[2], expected):
                yield f"{kind}: {name}", theirs.get(name), ours, values


def _lifelines_model(fitted: lifelines.CoxPHFitter, x: np.ndarray, r: dict[str, Any]) -> dict[str, Any]:
    summary, test = fitted.summary, fitted.log_likelihood_ratio_test()
    hazard = fitted.baseline_cumulative_hazard_.iloc[:, 0]
    return {"coefficients": fitted.params_, "se": fitted.standard_errors_, "z": summary["z"], "p": summary["p"],
            "hazard ratios and bounds": summary.filter(like="exp(coef)").to_numpy(),
            "covariance": fitted.variance_matrix_.to_numpy(), "log-likelihood": fitted.log_likelihood_,
            "AIC": fitted.AIC_partial_, "likelihood ratio test": [test.test_statistic, test.p_value],
            "baseline hazard": hazard.reindex(np.array(r["base_time"], float), method="ffill").fillna(0.0),
            "survival": fitted.predict_survival_function(pd.DataFrame(x), times=r["at"]).to_numpy().T}


def _model_quantities(model: cox_kernel.CoxModel, x: np.ndarray, r: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name, ours, key in (("coefficients", model.coefficients, "coef"), ("se", model.se, "se"), ("z", model.z, "z"),
                            ("p", model.p, "p"), ("covariance", model.covariance, "vcov"),
                            ("null log-likelihood", model.loglik_null, "loglik_null"),
                            ("log-likelihood", model.loglik, "loglik"), ("AIC", model.aic, "aic"),
                            ("BIC", model.bic, "bic"),
                            ("baseline hazard", model.baseline.at(np.array(r["base_time"], float)), "base_hazard")):
        yield name, ours, r[key]
    yield ("hazard ratios and bounds", np.column_stack([model.hazard_ratios, model.lower, model.upper]),
           np.column_stack([r["hr"], r["hr_lo"], r["hr_hi"]]))
    for name, test, key in (("likelihood ratio test", model.likelihood_ratio, "lr"), ("Wald test", model.wald, "wald"),
                            ("score test", model.score, "score")):
        yield name, [test.statistic, test.p], [r[key][0], r[key][2]]
    yield "survival", model.survival(x[:2], r["at"]), r["survival"]


def _bounds(curve: Any, rows: np.ndarray) -> np.ma.MaskedArray:
    return np.ma.column_stack([curve.lower[rows], curve.upper[rows]])


def _r_bounds(interval: dict[str, Any]) -> np.ndarray:
    return np.column_stack([numbers(interval["lo"]), numbers(interval["hi"])])


def agreement() -> dict[str, Quantity]:
    """Return every quantity, compared."""
    quantities: dict[str, Quantity] = {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for rows in (curve_rows, log_rank_rows, incidence_rows, cox_rows):
            for name, *values in rows():
                quantities.setdefault(name, Quantity(name)).add(*values)
    return quantities


def timings() -> Iterator[tuple[str, Callable[[], Any], Callable[[], Any], Callable[[], Any]]]:
    """Yield what is computed, and how lifelines, the estimate and the kernel do it."""
    curve = {name: data for name, data, _ in curve_cases()}["gbsg"]
    ranks = {name: data for name, data, _ in log_rank_cases()}["gbsg_grade"]
    causes = {name: data for name, data, _ in incidence_cases()}["mgus2_untied"]
    models = {name: data for name, data, _ in cox_cases()}
    fitter = lifelines.KaplanMeierFitter
    yield ("Kaplan-Meier, 686 rows", lambda: fitter().fit(*curve), lambda: survival_curve.kaplan_meier(*curve),
           lambda: kaplan_meier_kernel.kaplan_meier(*curve))
    yield ("restricted mean, 686 rows", lambda: restricted_mean_survival_time(fitter().fit(*curve), 2000.0),
           lambda: restricted_mean.restricted_mean(*curve, 2000.0),
           lambda: restricted_mean_kernel.restricted_mean(*curve, 2000.0))
    yield ("log-rank, 686 rows in 3 groups", lambda: multivariate_logrank_test(ranks[0], ranks[2], ranks[1]),
           lambda: log_rank.log_rank(*ranks), lambda: kaplan_meier_kernel.log_rank(*ranks))
    yield ("Aalen-Johansen, 231 rows", lambda: lifelines.AalenJohansenFitter().fit(causes[0], causes[1].astype(int), 1),
           lambda: competing.aalen_johansen(*causes), lambda: competing_kernel.cumulative_incidence(*causes))
    for name in ("wpbc", "gbsg"):
        time, event, x = models[name]
        frame = pd.DataFrame(x).assign(time=time, event=event)
        yield (f"Cox, {len(x)} rows x {x.shape[1]}",
               lambda frame=frame: lifelines.CoxPHFitter().fit(frame, "time", "event", fit_options=cox.TIGHT),
               lambda data=models[name]: cox.fit_cox(*data), lambda data=models[name]: cox_kernel.fit_cox(*data))


def seconds_of(compute: Callable[[], Any], budget: float) -> float:
    """Return the seconds of one call, the fastest of three rounds that share ``budget`` seconds."""
    once = timeit.timeit(compute, number=1)
    number = max(1, int(budget / 3 / max(once, 1e-6)))
    return min(timeit.repeat(compute, number=number, repeat=3)) / number


def import_seconds(before: str) -> float:
    """Return the seconds that importing lifelines takes after ``before`` is imported, the fastest of three."""
    program = f"import time; {before}; t = time.perf_counter(); import lifelines; print(time.perf_counter() - t)"
    return min(float(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout)
               for _ in range(3))


def main(budget: float) -> int:
    """Print both tables; return 1 when a reported number misses the bar."""
    quantities = agreement()
    print(f"lifelines {lifelines.__version__}; largest difference from R, relative; bar {BAR:g}\n")
    print(f"{'quantity':58} {'lifelines':>10} {'kernel':>10}   reported")
    missed = []
    for name, quantity in sorted(quantities.items(), key=lambda item: item[0].lower()):
        reported = "lifelines" if name in LIFELINES else "kernel" if quantity.kernel is not None else "-"
        worst = quantity.lifelines if reported == "lifelines" else quantity.kernel
        missed += [name] if worst is not None and worst > BAR else []
        shown = ["-" if value is None else f"{value:.0e}" for value in (quantity.lifelines, quantity.kernel)]
        gaps = f" ({quantity.gaps} values filled by the kernel)" if quantity.gaps and reported == "lifelines" else ""
        print(f"{name:58} {shown[0]:>10} {shown[1]:>10}   {reported}{gaps}")
    print(f"\n{'ms a call':40} {'lifelines':>10} {'estimate':>10} {'kernel':>10} {'lifelines / kernel':>20}")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name, *computations in timings():
            spent = [1e3 * seconds_of(compute, budget) for compute in computations]
            print(f"{name:40} {spent[0]:10.2f} {spent[1]:10.2f} {spent[2]:10.3f} {spent[0] / spent[2]:19.0f}x")
    print(f"\nimporting lifelines: {import_seconds('pass'):.2f} s alone, "
          f"{import_seconds('import pandas, scipy.stats, sklearn'):.2f} s after pandas, scipy.stats and scikit-learn")
    print(f"reported numbers that miss the bar: {', '.join(missed) or 'none'}")
    return 1 if missed or LIFELINES - set(quantities) else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.3))
