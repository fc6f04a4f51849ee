"""What is told of a prediction: decided here, once, for panel, command line, report, JSON, DICOM and cohort index.

No number is computed here; this is wording and order.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..models.model import Model
from ..prediction.record import GROUP, SCORE, Prediction
from ..stability.record import Stability
from ..stability.scale import brief
from ..texts import clean, number, percent_interval
from ..voi.plausibility import PROHIBITIVE, QUESTIONING
from ..warning import ResultWarning
from .answer_record import BADGE, DEMONSTRATION, Answer, Limit, Omission, Outcome
from .sentences import (
    NO_INTERVAL,
    averaged_text,
    cutoff_text,
    group_headline,
    group_sentences,
    horizon,
    inline,
    near_text,
    origin_note,
    position_text,
    uncertainty_detail,
    uncertainty_text,
)

SURVIVAL, PROBABILITY = "survival", "probability"

#: Warnings by code in the order of their weight: what makes the numbers mean nothing, a case unlike the model's
#: patients, what puts image or contour in question, all others, and last what only adds doubt.
_FIRST = (DEMONSTRATION, "scaling-disease")
_UNLIKE = ("score-beyond", "score-unusual", "features-together")
_LAST = ("spacing", "extreme-z", "engine-version")


def answer_of(prediction: Prediction, model: Model | None, stability: Stability | None = None) -> Answer:
    """Return what is told of ``prediction``, made with ``model`` (None: its file is not there, and less is told)."""
    group = prediction.group
    return Answer(
        band=_band(prediction),
        headline=group_headline(prediction, model),
        group=clean(group.label, 60) if group is not None else "",
        worse=group.worse if group is not None else None,
        score="" if prediction.score is None
        else f"{clean(prediction.model.score_name, 40)} {number(prediction.score, 4)}",
        cutoff=cutoff_text(prediction),
        position=position_text(prediction.position, model),
        near=near_text(prediction.near, model, prediction.outcome),
        sentences=group_sentences(prediction, model),
        outcomes=(*_survival(prediction, model), *_probability(prediction)),
        caution=_caution(prediction),
        questioned=prediction.questioned,
        averaged=averaged_text(prediction),
        uncertainty=_uncertainty(prediction),
        uncertainty_detail=uncertainty_detail(prediction.uncertainty),
        limits=limits_of(prediction.warnings),
        withheld=tuple(Omission(component=item.component, title=_title(item.component, prediction),
                                reason=clean(item.reason, 900)) for item in prediction.withheld),
        acquisition=prediction.acquisition,
        covariates=_covariates(prediction, model),
        provenance=_provenance(prediction),
        use=clean(prediction.model.intended_use, 300),
        stability="" if stability is None else brief(stability))


def _band(prediction: Prediction) -> str:
    """Return what stands above every number of a result that means nothing for a patient."""
    scaling = prediction.scaling
    if scaling is None or not (scaling.demonstration or scaling.other_disease):
        return ""
    what = f"cases of {clean(scaling.disease, 80)}" if scaling.disease else "cases of another disease"
    return f"{BADGE}, not a patient's result: scaled with {scaling.cases} {what}"


def _survival(prediction: Prediction, model: Model | None) -> Iterable[Outcome]:
    survival = prediction.survival
    if survival is None:
        return
    name = clean(prediction.model.endpoint if model is None else model.endpoint.abbreviation, 60)
    for index, (months, share) in enumerate(survival.by_horizon()):
        interval = survival.horizon_intervals[index] if survival.horizon_intervals else None
        yield _outcome(prediction, SURVIVAL, f"{months:g}-month {name}", horizon(months), share, interval, months)


def _probability(prediction: Prediction) -> Iterable[Outcome]:
    if prediction.probability is not None:
        what = clean(prediction.outcome, 60)
        yield _outcome(prediction, PROBABILITY, f"Probability of {what}", what, prediction.probability,
                       prediction.probability_interval, None)


def _outcome(prediction: Prediction, component: str, title: str, short: str, share: float,
             interval: tuple[float, float] | None, months: float | None) -> Outcome:
    questioned = component in prediction.questioned
    notes = ["unreliable for this case" if questioned else "", "" if interval is not None else NO_INTERVAL]
    return Outcome(title=title, short=short, text=percent_interval(share, interval),
                   note="; ".join(filter(None, notes)), value=share, interval=interval, months=months,
                   questioned=questioned)


def _uncertainty(prediction: Prediction) -> str:
    component = SURVIVAL if prediction.survival is not None else PROBABILITY
    if prediction.survival is None and prediction.probability is None:
        return ""
    interval = uncertainty_text(prediction.uncertainty) or (
        "Interval not available: the model's file does not tell how uncertain its numbers are.")
    origin = origin_note(prediction.model.provenance.get(component, ""))
    return f"Predicted {component}: {origin}. {interval}" if origin else interval


def _caution(prediction: Prediction) -> str:
    """Return why components are greyed: the weightiest warning that puts them in question."""
    if not prediction.questioned:
        return ""
    limits = [item for item in limits_of(prediction.warnings) if item.code not in _FIRST]
    speaking = [item for item in limits if item.code in _UNLIKE or item.code in QUESTIONING] or limits
    return speaking[0].text if speaking else "A warning speaks against these numbers."


def limits_of(warnings: Iterable[ResultWarning]) -> tuple[Limit, ...]:
    """Return warnings by weight, those of one kind together; within the same weight in the order they were raised."""
    kinds: dict[str, list[str]] = {}
    for item in warnings:
        kinds.setdefault(item.code, []).append(clean(item.message, 600))
    return tuple(Limit(code=code, text=kinds[code][0], others=tuple(kinds[code][1:]))
                 for code in sorted(kinds, key=_weight))


def _weight(code: str) -> int:
    """Return a code's place in the order of weight, the smaller the weightier."""
    leading = (*_FIRST, *_UNLIKE)
    if code in leading:
        return leading.index(code)
    if code in PROHIBITIVE or code in QUESTIONING:
        return len(leading)
    return len(leading) + (2 + _LAST.index(code) if code in _LAST else 1)


def _title(component: str, prediction: Prediction) -> str:
    """Return a component of the result in words, as they stand after 'No'."""
    return {SCORE: clean(prediction.model.score_name, 40), GROUP: "group",
            SURVIVAL: inline(prediction.model.endpoint, 80),
            PROBABILITY: f"probability of {clean(prediction.outcome, 60)}"}.get(component, component)


def _covariates(prediction: Prediction, model: Model | None) -> tuple[tuple[str, str], ...]:
    """Return the clinical factors with their values; of a model that is not there, by name."""
    if model is None:
        return tuple((clean(name, 60), clean(value, 60)) for name, value in prediction.covariates.items())
    rows = []
    for item in model.covariates:
        value = prediction.covariates.get(item.name)
        rows.append((clean(item.title, 120), "not given" if value is None else clean(item.describe(value), 120)))
    return tuple(rows)


def _provenance(prediction: Prediction) -> tuple[str, ...]:
    model, protocol, engine, scaling = prediction.model, prediction.protocol, prediction.engine, prediction.scaling
    named = f"Model {clean(model.id, 80)} {clean(model.version, 30)} ({model.hash[:12]})"
    software = f"RadiomicsPrognosis {clean(prediction.software.get('RadiomicsPrognosis', '?'), 30)}"
    if protocol is None or engine is None:
        return named, "Clinical factors alone, no image", software
    scaled = f"Scaling {clean(scaling.name, 80)}, {scaling.cases} cases ({scaling.hash[:12]})" if scaling \
        else "Raw feature values, no scaling"
    return (named, f"Protocol {clean(protocol.id, 80)} ({protocol.hash[:12]})", scaled,
            f"Features by {clean(engine.name, 40)} {clean(engine.version, 40)}, {software}")
