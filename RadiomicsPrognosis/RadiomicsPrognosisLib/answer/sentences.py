"""The sentences of an answer, each from the numbers of a prediction that are in it."""

from __future__ import annotations

from collections.abc import Sequence

from ..models.lesion import METASTASIS, NODE
from ..models.model import PUBLISHED, RECONSTRUCTED, TRAINED_HERE, Model
from ..models.predictors import SCORE
from ..prediction.evidence import USUAL, AveragedCovariate, ObservedNear, ScorePosition, Uncertainty
from ..prediction.group_contrast import outweighed_group, probability_at_cutoff
from ..prediction.record import Prediction
from ..texts import clean, number, percent

#: Where numbers come from, as a reader says it.
_ORIGINS = {PUBLISHED: "as published", RECONSTRUCTED: "reconstructed from what was published",
            TRAINED_HERE: "from a model trained on your own cohort"}

NO_INTERVAL = "interval not available"


def counted(model: Model | None) -> str:
    """Return what the rows behind the model are: nodes of a model of lymph nodes, lesions of one of metastases."""
    kind = model.lesion.kind if model is not None and model.lesion is not None else ""
    several = model is not None and model.reference is not None and model.reference.patients is not None
    return {NODE: "nodes", METASTASIS: "lesions"}.get(kind, "VOIs" if several else "patients")


def horizon(months: float) -> str:
    """Return a time in years where it is whole years: '3 years', '18 months'."""
    if months % 12 == 0:
        return "1 year" if months == 12 else f"{months / 12:g} years"
    return f"{months:g} months"


def inline(title: str, limit: int = 100) -> str:
    """Return a title as it stands within a sentence: without its capital, unless that belongs to it ('N stage')."""
    text = clean(title, limit)
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def listed(items: Sequence[str]) -> str:
    """Return 'a', 'a and b', or 'a, b and c'."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def origin_note(origin: str) -> str:
    """Return where a component's numbers come from, empty where it is not said."""
    return _ORIGINS.get(origin, origin)


def group_headline(prediction: Prediction, model: Model | None) -> str:
    """Return the group and what it is the group of, or what there is instead."""
    name = clean(prediction.model.score_name, 40)
    if prediction.is_clinical:
        return _clinical_headline(prediction)
    if prediction.score is None:
        return f"No result: {name} withheld"
    group = prediction.group
    if group is None:
        reason = "group withheld" if prediction.why_withheld("group") else "the model forms no groups"
        return f"{name} {number(prediction.score, 4)}; {reason}"
    if prediction.cutoff_on != SCORE:
        return f"Group: {clean(group.label, 60)} (image and clinical factors)"
    alone = " (image alone)" if model is not None and model.covariates_used() else ""
    what = "Joint score" if len(prediction.scores) > 1 else name
    return f"{what} group: {clean(group.label, 60)}{alone}"


def _clinical_headline(prediction: Prediction) -> str:
    """Return the headline of a model that has no score."""
    if prediction.group is not None:
        return f"Group: {clean(prediction.group.label, 60)} (clinical factors alone)"
    if prediction.survival is None and prediction.probability is None:
        return "No result: clinical factors are missing"
    withheld = "; group withheld" if prediction.why_withheld("group") else ""
    return f"Predicted from clinical factors alone{withheld}"


def cutoff_text(prediction: Prediction) -> str:
    """Return how the case lies to the cut-off: 'cut-off 0.1411, the case is 0.109 above'."""
    if prediction.distance is None or prediction.cutoff is None:
        return ""
    on = "" if prediction.cutoff_on == SCORE else f" of the {prediction.cutoff_on}"
    side = "above" if prediction.distance > 0 else "below"
    away = f"{number(abs(prediction.distance))} {side}" if prediction.distance else "exactly there"
    return f"cut-off{on} {number(prediction.cutoff, 4)}; this case is {away}"


def position_text(position: ScorePosition | None, model: Model | None) -> str:
    """Return where the score lies among the training patients."""
    if position is None:
        return ""
    who = counted(model)
    near = (f"{number(position.distance_sd, 2)} SD from the mean of {clean(position.cohort, 60)} "
            f"({number(position.mean)} ± {number(position.sd)}, n = {position.cases})")
    if position.percentile is None:
        return near
    source = f", by {clean(position.percentile_from, 80)}" if position.percentile_from else ""
    higher = f"{_higher(position.percentile)} of the training {who}{source}"
    return higher if position.verdict == USUAL else f"{higher}; {near}"


def _higher(share: float) -> str:
    if share < 0.01:
        return "lower than more than 99 %"
    return "higher than more than 99 %" if share > 0.99 else f"higher than {percent(share)}"


def near_text(near: ObservedNear | None, model: Model | None, outcome: str) -> str:
    """Return what was observed in the training patients with scores near this one."""
    if near is None:
        return ""
    scores = f"{number(near.low)} to {number(near.high)}"
    who = f"{near.patients} training {counted(model)} with scores near this one ({scores})"
    if not near.months:
        return f"Of {who}, {near.events} had {clean(outcome, 60)} ({percent(near.events / near.patients)})."
    name = clean(model.endpoint.abbreviation, 30) if model is not None else "event-free"
    rows = [f"{percent(share)} at {horizon(months)} ({risk} at risk)"
            for months, share, risk in zip(near.months, near.survival, near.at_risk, strict=True)]
    return f"Observed in {who}: {name} {listed(rows)}; {near.events} events."


def averaged_text(prediction: Prediction) -> str:
    """Return which covariates are not yet known and what they were averaged over, with what each would give."""
    if not prediction.averaged:
        return ""
    texts = [averaged_over(item) for item in prediction.averaged]
    survival = prediction.survival
    if survival is not None and survival.alternatives:
        each = [f"{percent(item.at_horizons[-1])} with {clean(item.label, 60)}" for item in survival.alternatives]
        texts.append(f"at {horizon(survival.horizons_months[-1])} it would be {listed(each)}")
    return "; ".join(texts) + "."


def averaged_over(item: AveragedCovariate) -> str:
    """Return that a covariate is not yet known, and what it is averaged over."""
    return f"{clean(item.title, 100)} is not yet known: averaged over {_mix(item)}"


def _mix(item: AveragedCovariate) -> str:
    """Return how many patients had each level: '143 without and 78 with', or '20 N0 and 70 N1'."""
    counts = {label: round(share * item.patients) for label, share in item.shares.items()}
    names = {"no": "without", "yes": "with"}
    if set(counts) == set(names):
        return listed([f"{counts[label]} {names[label]}" for label in names]) + f" ({item.patients} patients)"
    return listed([f"{count} {clean(label, 40)}" for label, count in counts.items()])


def uncertainty_text(uncertainty: Uncertainty | None) -> str:
    """Return what the intervals hold, or why there are none."""
    if uncertainty is None:
        return ""
    if uncertainty.reason:
        return f"Interval not available: {uncertainty.reason}"
    text = f"Numbers in brackets are {percent(uncertainty.confidence)} intervals"
    return f"{text}, from {'; '.join(uncertainty.sources)}." if uncertainty.sources else f"{text}."


def uncertainty_detail(uncertainty: Uncertainty | None) -> str:
    """Return how the intervals were computed and what they leave out; nothing without intervals."""
    if uncertainty is None or uncertainty.reason:
        return ""
    left = f" Not in them: {'; '.join(uncertainty.left_out)}." if uncertainty.left_out else ""
    return f"Intervals by {uncertainty.method}.{left}"


def group_sentences(prediction: Prediction, model: Model | None) -> tuple[str, ...]:
    """Return what a reader must know to read group and outcomes together."""
    if model is None or prediction.group is None:
        return ()
    return tuple(filter(None, (_outweighed(prediction, model) or _image_alone(prediction, model),
                               _cutoff_probability(prediction, model))))


def entered_sentences(prediction: Prediction, model: Model | None) -> tuple[str, ...]:
    """Return that a score counts in the outcome by its group alone, and by which."""
    what = "probability" if model is None or model.survival is None else clean(model.endpoint.abbreviation, 30)
    return tuple(f"The predicted {what} counts the {clean(item.name, 60)} by its group alone: {clean(item.group, 60)}."
                 for item in prediction.scores if item.group)


def _factors(prediction: Prediction, model: Model) -> str:
    """Return the clinical factors of the case that count, with their values."""
    return listed([f"{inline(item.title)}: {clean(item.describe(prediction.covariates[item.name]), 40)}"
                   for item in model.covariates_used() if item.name in prediction.covariates])


def _outweighed(prediction: Prediction, model: Model) -> str:
    contrast = outweighed_group(prediction, model)
    if contrast is None or prediction.group is None:
        return ""
    side = "above" if prediction.group.worse else "below"
    name = clean(model.endpoint.abbreviation, 30)
    return (f"The clinical factors ({_factors(prediction, model)}) outweigh the image: predicted {name} at "
            f"{horizon(contrast.months)} is {percent(contrast.share)}, {side} what is typical of the group "
            f"'{clean(contrast.other, 60)}' ({percent(contrast.typical)}).")


def _image_alone(prediction: Prediction, model: Model) -> str:
    """Return that the group does not know the clinical factors, where the outcome does."""
    used = model.covariates_used()
    if not used or prediction.cutoff_on != SCORE or prediction.averaged:
        return ""  # what is averaged over is told with what it would be otherwise
    what = clean(model.endpoint.abbreviation, 30) if model.survival else "probability"
    factors = listed([inline(item.title) for item in used])
    if prediction.survival is None and prediction.probability is None:
        return f"The group comes from the image alone; the predicted {what} also needs {factors}."
    return f"The group comes from the image alone; the predicted {what} also counts {factors}."


def _cutoff_probability(prediction: Prediction, model: Model) -> str:
    """Return which probability the cut-off stands for, and how common the outcome was in training."""
    share = probability_at_cutoff(prediction, model)
    if share is None or prediction.cutoff is None or prediction.probability is None:
        return ""
    given = " with this case's clinical factors" if model.score_cutoff and model.covariates_used() else ""
    text = (f"The cut-off {number(prediction.cutoff, 4)} equals a probability of {clean(prediction.outcome, 60)} of "
            f"{percent(share)}{given}")
    training = model.reference.outcome_count if model.reference is not None else None
    if training is None:
        return f"{text}."
    return (f"{text}; in training, {training.events} of {training.cases} {counted(model)} "
            f"({percent(training.events / training.cases)}) had this outcome.")
