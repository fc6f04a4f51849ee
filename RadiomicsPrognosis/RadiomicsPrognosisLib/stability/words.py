"""How stable an answer is, in words."""

from __future__ import annotations

from ..texts import number, percent
from .record import FeatureBlame, KindBlame, Stability

#: Features that are named as being to blame.
_FEATURES_NAMED = 5


def headline(stability: Stability) -> str:
    """Return the result in one sentence: the group's, or without groups the score's interval."""
    name, spread = stability.unperturbed.model.score_name, stability.score_spread
    interval = f"{name} {number(spread.lower)} to {number(spread.upper)} in 95 %"
    if stability.group is None:
        return f"{interval} of {stability.scored} perturbations"
    sentence = stability.group.sentence
    return f"{sentence[:1].upper()}{sentence[1:]} perturbations; {interval} of them"


def stability_text(stability: Stability) -> str:
    """Return the result as lines that a person reads, warnings and what it is not included."""
    case, spread, settings = stability.unperturbed, stability.score_spread, stability.settings
    lines = [f"{case.model.id} {case.model.version}: {case.model.title}", f"  {headline(stability)}.",
             f"  {case.model.score_name}: {number(spread.unperturbed)} as drawn; median {number(spread.median)}, SD "
             f"{number(spread.sd)} when perturbed"]
    for item in stability.outcomes:
        what = f"Probability of {case.outcome}" if item.months is None \
            else f"{case.model.endpoint} at {item.months:g} months"
        lines.append(f"  {what}: {percent(item.spread.unperturbed)} as drawn; {percent(item.spread.lower)} to "
                     f"{percent(item.spread.upper)} in 95 %")
    if stability.kinds:
        lines += ["  What moves the score, each kind of perturbation alone:", *map(_kind_line, stability.kinds)]
    lines += ["  Through which features:", *map(_feature_line, stability.features[:_FEATURES_NAMED])]
    if stability.agreement is not None:
        limits = stability.agreement
        lines.append(f"  Readers ({limits.comparison}, {limits.pairs} pairs): limits of agreement "
                     f"{number(limits.lower)} to {number(limits.upper)}")
    lines += [f"  No score in {item.count} of {stability.count}: {item.reason}" for item in stability.failures]
    lines += [f"  Warning: {item.message}" for item in stability.warnings]
    lines += [f"  Made with {stability.count} perturbations ({', '.join(settings.kinds)}) by {settings.id} "
              f"({settings.hash[:12]}), seed {stability.seed}.",
              f"  {stability.caveat}", f"  {case.model.intended_use}"]
    return "\n".join(lines)


def _kind_line(kind: KindBlame) -> str:
    if kind.sd is None or kind.shift is None:
        return f"    {kind.kind}: too few scores"
    share = "" if kind.share is None else f"{percent(kind.share)} of the sum, "
    return f"    {kind.kind}: {share}mean change {kind.shift:+.3g}, SD {number(kind.sd)}"


def _feature_line(feature: FeatureBlame) -> str:
    share = "" if feature.share is None else f"{percent(feature.share)} of the variance, "
    return f"    {feature.feature} ({feature.input}): {share}SD {number(feature.sd)}"
