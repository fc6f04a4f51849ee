"""What ``reproducibility`` ends with: its main figures for a program, and as lines a person reads."""

from __future__ import annotations

from pathlib import Path

from ..command_messages import ReproducibilitySummary
from ..reading.rule import rule_text
from ..reading.study_result import REPORT_FILE, RESULT_FILE, ReadingComparison, ReproducibilityResult


def reproducibility_summary(result: ReproducibilityResult, out: str) -> ReproducibilitySummary:
    """Return what people are told of a reading study whose folder is ``out``.

    The ICC of the score is that of the comparison with the lowest, of those that the filter judges by.
    """
    plan, rule = result.plan, result.filter
    lowest = min(filter(None, (_score_icc(result.comparison(name), result.form) for name in rule.comparisons)),
                 default=(None, None, None))
    return ReproducibilitySummary(
        cases=len(plan.cases), readings=len(plan.readings), readers=len(plan.readers), sessions=len(plan.sessions),
        form=rule.form, threshold=rule.threshold, on=rule.on, features=len(rule.features), kept=len(rule.kept),
        model=result.model.id if result.model else None,
        failing=tuple(dict.fromkeys(item.feature for item in rule.failed)), score_icc=lowest[0], score_lower=lowest[1],
        score_upper=lowest[2], notes=(*(item.message for item in result.warnings), *result.notes), folder=out,
        report=str(Path(out) / REPORT_FILE), json=str(Path(out) / RESULT_FILE))


def _score_icc(item: ReadingComparison, form: str) -> tuple[float, float, float] | None:
    """Return the ICC of the score with its interval, None where one of them has no value."""
    if item.score is None or item.score.icc is None:
        return None
    icc = item.score.icc.forms[form]
    estimate, lower, upper = (values.tolist()[0] for values in (icc.icc, icc.lower, icc.upper))
    return None if None in (estimate, lower, upper) else (estimate, lower, upper)


def reproducibility_text(result: ReproducibilityResult, out: str) -> str:
    """Return a reading study's main figures as lines a person reads."""
    plan, rule = result.plan, result.filter
    lines = [f"{_counted(len(plan.cases), 'case')} in {_counted(len(plan.readings), 'reading')} by "
             f"{_counted(len(plan.readers), 'reader')}"]
    for item in result.comparisons:
        everything = item.groups[0] if item.groups else None
        what = f"median {result.form} {everything.median:.3f} of {everything.defined} features" \
            if everything and everything.median is not None else item.reason
        lines.append(f"  {item.title} ({_counted(len(item.cases), 'case')}): {what}{_score_text(item, result)}")
    lines.append(f"  Filter {rule_text(rule.form, rule.on, rule.threshold)} in {' and '.join(rule.comparisons)}: "
                 f"{len(rule.kept)} of {len(rule.features)} features kept")
    if result.model and rule.failed:
        failing = list(dict.fromkeys(item.feature for item in rule.failed))
        lines.append(f"  Of model {result.model.id} fail {len(failing)} of {len(result.model.features)}: "
                     f"{', '.join(failing)}")
    lines += [f"  Warning: {item.message}" for item in result.warnings]
    lines += [f"  Note: {text}" for text in result.notes]
    return "\n".join([*lines, f"  Report: {Path(out) / REPORT_FILE}", f"  Everything is in {out}."])


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _score_text(item: ReadingComparison, result: ReproducibilityResult) -> str:
    """Return how the score repeats in a comparison, empty without one."""
    if item.score is None or result.model is None:
        return ""
    icc, score = _score_icc(item, result.form), item.score
    texts = [f"{result.model.score_name} {icc[0]:.3f} ({icc[1]:.3f} - {icc[2]:.3f})"] if icc else []
    if score.limits:
        texts.append(f"bias {score.limits.bias:.4g}, limits of agreement {score.limits.lower:.4g} to "
                     f"{score.limits.upper:.4g}")
    if score.kappa:
        kappa = "not defined" if score.kappa.kappa is None else f"{score.kappa.kappa:.3f}"
        texts.append(f"kappa {kappa}, {len(score.flips)} of {score.kappa.n} change group")
    return "; " + "; ".join(texts) if texts else ""
