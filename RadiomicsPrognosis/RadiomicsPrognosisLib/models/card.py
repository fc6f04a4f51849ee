"""A model's card: what it predicts, for whom, from what, how well, and where its numbers come from, row by row.

Panel, command line, report and documentation show these rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from .covariates import CONTINUOUS, NOT_YET_KNOWN, UNKNOWN, Covariate
from .cutoff import Cutoff
from .imaging import imaging_text, span
from .model import PUBLISHED, Model, Performance
from .scaling import Scaling
from .signature import Signature
from .uncertainty import CoefficientUncertainty


@dataclass(frozen=True)
class CardRow:
    """A row: its ``title`` (empty: it goes on with the row before) and ``text``.

    ``brief`` rows are enough where there is little room; ``url`` is where the text leads to. Rows ``in_result`` repeat
    what a result of the model says itself: its terms and the hash.
    """

    title: str
    text: str
    brief: bool = False
    url: str = ""
    in_result: bool = False


def model_card(model: Model, scalings: Sequence[Scaling] | None = None) -> tuple[CardRow, ...]:
    """Return the rows of a model's card; ``scalings`` are those at hand, None where that is nobody's question."""
    return tuple(_rows(model, scalings))


def _rows(model: Model, scalings: Sequence[Scaling] | None) -> Iterator[CardRow]:
    source = model.source
    yield CardRow("Endpoint", f"{model.endpoint.name} ({model.endpoint.kind}; event: {model.endpoint.event})", True)
    if model.endpoint.time_zero:
        yield CardRow("Time zero", model.endpoint.time_zero, True)
    if model.disease:
        yield CardRow("Disease", model.disease, True)
    yield CardRow("Population", model.population, True)
    yield CardRow("Source", source.citation + (f". doi:{source.doi}" if source.doi else ""), True,
                  f"https://doi.org/{quote(source.doi)}" if source.doi else "")
    yield CardRow("Provenance", ", ".join(f"{component} {origin}" for component, origin in
                                          model.provenance.by_component().items()), True)
    if model.survival and model.survival.reconstruction:
        yield CardRow("Reconstruction", model.survival.reconstruction.method)
    if model.scores:
        yield CardRow("Protocol", model.protocol_name or
                      "none: the features are columns of a table, no image can be scored")
        yield CardRow("Inputs", "; ".join(f"{item.name}: {item.title}" for item in model.inputs))
        yield from _imaging(model)
    for signature in model.scores:
        yield from _signature(model, signature)
    if model.cutoff:
        on = model.score_name if model.score_cutoff else "Linear predictor"
        yield CardRow("Cut-off", _rule(on, model.cutoff))
    if model.needs_scaling and scalings is not None:
        yield CardRow("Scalings", "; ".join(scaling_text(item) for item in scalings) or "none yet", True)
    yield from _predictions(model)


def _signature(model: Model, signature: Signature) -> Iterator[CardRow]:
    yield CardRow("Signature", f"{signature.name}: {len(signature.terms)} features, "
                  + ("z-scored" if signature.standardised else "raw") + f", intercept {signature.intercept:g}")
    if signature.cutoff is not None:
        yield CardRow("", "Enters as its group: " + _rule(signature.name, signature.cutoff))
    for term in signature.terms:
        yield CardRow("", f"{term.coefficient:+.9g}  {model.term_key(term)}", in_result=True)


def _rule(what: str, cutoff: Cutoff) -> str:
    """Return in words which group a value is in."""
    return (f"{what} {'≥' if cutoff.inclusive else '>'} {cutoff.value:g}: {cutoff.labels.above}; otherwise "
            f"{cutoff.labels.below}")


def _predictions(model: Model) -> Iterator[CardRow]:
    """Yield what is predicted, from which factors, how surely and how well, and for what use."""
    for covariate in model.covariates:
        yield CardRow("Covariate", _covariate(covariate))
    if model.survival:
        months = ", ".join(f"{month:g}" for month in model.survival.horizons_months)
        yield CardRow("Survival", f"at {months} months")
    if model.probability:
        yield CardRow("Probability", f"of {model.probability.outcome}")
    measured = "Published" if model.provenance.signature == PUBLISHED else "Measured"
    if model.uncertainty:
        yield CardRow("Intervals", _intervals(model.uncertainty))
    for item in model.performance:
        yield CardRow(measured, _performance(item), True)
    yield CardRow("Use", model.intended_use, True)
    yield CardRow("Hash", model.hash, in_result=True)


def _imaging(model: Model) -> Iterator[CardRow]:
    """Yield how the images of each input were acquired, and what its source says that a reader must know."""
    for item in model.inputs:
        of = f" ({item.name})" if len(model.inputs) > 1 else ""
        sizes = [f"{what} {span(bounds)} mm" for what, bounds in (("slice thickness", item.slice_thickness_mm),
                                                                   ("pixel spacing", item.pixel_spacing_mm)) if bounds]
        stated = [imaging_text(item.acquisition)] if item.acquisition else []
        if stated or sizes:
            yield CardRow(f"Made on{of}", "; ".join((*stated, *sizes)))
        for remark in item.acquisition.remarks if item.acquisition else ():
            yield CardRow("", remark)


def _intervals(item: CoefficientUncertainty) -> str:
    """Return what the intervals of predictions are made from, or why there are none."""
    if item.covariance is not None:
        return f"from the covariance stored with the model ({item.covariance.cases} cases)"
    if not item.ratios:
        return f"not available: {item.reason[:1].lower()}{item.reason[1:]}"
    behind = f" and the survival of {item.survival_of.patients} patients" if item.survival_of else ""
    return f"from the published {100 * item.confidence:g} % intervals of {len(item.ratios)} ratios{behind}"


def scaling_text(scaling: Scaling) -> str:
    """Return a scaling in a line: its name, cases, disease and origin."""
    disease = f", {scaling.disease}" if scaling.disease else ", disease not stated"
    return f"{scaling.name} ({scaling.cases} cases{disease}; {scaling.origin})"


def _performance(item: Performance) -> str:
    """Return a reported measure as 'C-index 0.745 (0.7 - 0.79), training, n = 155'."""
    interval = f" ({item.ci95[0]:.4g} - {item.ci95[1]:.4g})" if item.ci95 else ""
    cases = f", n = {item.cases}" if item.cases else ""
    return f"{item.measure} {item.value:.4g}{interval}, {item.cohort}{cases}"


def _covariate(item: Covariate) -> str:
    if item.kind == CONTINUOUS:
        return f"{item.name}: {item.title}, {item.unit}".rstrip(", ")
    labels = [level.label for level in item.levels] + ([f"{UNKNOWN} ({NOT_YET_KNOWN})"] if item.unknown else [])
    return f"{item.name}: {item.title}, " + " | ".join(labels)
