"""Read a model's JSON and check every part of it; the JSON Schema beside the models says the same to editors."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..catalogue import parse_name
from ..checked import Table
from ..files import content_hash
from .model import (
    CUTOFF_SCALES,
    LINEAR_PREDICTOR,
    SCORE,
    Covariate,
    Cutoff,
    Distribution,
    Endpoint,
    Input,
    LinearPredictor,
    Model,
    Performance,
    ProbabilityPart,
    Signature,
    SurvivalPart,
    Term,
)

SCHEMA = "radiomics-prognosis/model/1"
PROVENANCES = ("published", "reconstructed", "trained here")
FEATURE_SOURCES = ("image", "table")
_PARTS = ("signature", "cutoff", "survival", "probability")


def parse_model(values: dict[str, Any], source: str) -> Model:
    """Return the model in ``values``; ``source`` is the file to name in errors. Raises SchemaError."""
    table = Table(values, source)
    table.text("schema", choices=(SCHEMA,))
    table.text("$schema", "")
    inputs = tuple(parse_input(item) for item in table.tables("inputs"))
    if not inputs or len({item.name for item in inputs}) < len(inputs):
        table.fail("inputs", "must hold at least one volume, each with its own name")
    covariates = tuple(parse_covariate(item) for item in table.tables("covariates", ()))
    if len({item.name for item in covariates} | {SCORE}) <= len(covariates):
        table.fail("covariates", f"must have distinct names, none of them '{SCORE}'")
    origin = table.table("source")
    features_from = table.text("features_from", "image", choices=FEATURE_SOURCES)
    if features_from == "table" and table.has("protocol"):
        table.fail("protocol", "belongs to features of an image, and features_from is 'table'; leave one of them out")
    model = Model(
        id=table.text("id"),
        version=table.text("version"),
        title=table.text("title"),
        endpoint=_endpoint(table.table("endpoint")),
        population=table.text("population"),
        citation=origin.text("citation"),
        doi=origin.text("doi", ""),
        provenance=_provenance(table.table("provenance")),
        protocol=table.text("protocol") if features_from == "image" else "",
        inputs=inputs,
        signature=_signature(table.table("signature"), inputs, features_from),
        cutoff=_cutoff(table.table("cutoff", None)),
        covariates=covariates,
        survival=_survival(table.table("survival", None), covariates),
        probability=_probability(table.table("probability", None), covariates),
        distributions=tuple(_distribution(item) for item in table.tables("score_distribution", ())),
        performance=tuple(_performance(item) for item in table.tables("performance", ())),
        intended_use=table.text("intended_use"),
        hash=content_hash(values),
        features_from=features_from,
    )
    origin.finish()
    table.finish()
    _check_whole(model, table)
    return model


def _check_whole(model: Model, table: Table) -> None:
    if model.endpoint.kind == "time-to-event" and model.probability:
        table.fail("probability", "belongs to a binary endpoint, and this one is time-to-event")
    if model.endpoint.kind == "binary" and model.survival:
        table.fail("survival", "belongs to a time-to-event endpoint, and this one is binary")
    if model.cutoff is not None and model.cutoff.on == LINEAR_PREDICTOR and not (model.survival or model.probability):
        table.fail("cutoff.on", f"must be '{SCORE}': without survival or probability there is no linear predictor")
    for part in _PARTS:
        if getattr(model, part) is not None and part not in model.provenance:
            table.fail(f"provenance.{part}", f"is missing; allowed: {', '.join(PROVENANCES)}")


def _endpoint(table: Table) -> Endpoint:
    endpoint = Endpoint(table.text("name"), table.text("abbreviation"),
                        table.text("kind", choices=("time-to-event", "binary")), table.text("event"))
    table.finish()
    return endpoint


def _provenance(table: Table) -> dict[str, str]:
    found = {part: table.text(part, choices=PROVENANCES) for part in _PARTS if table.has(part)}
    table.finish()
    return found


def parse_input(table: Table) -> Input:
    found = Input(table.text("name"), table.text("title"), table.bounds("slice_thickness_mm", None),
                  table.bounds("pixel_spacing_mm", None))
    table.finish()
    return found


def _signature(table: Table, inputs: tuple[Input, ...], features_from: str) -> Signature:
    terms = []
    for item in table.tables("terms"):
        feature = item.text("feature")
        if features_from == "image":
            parse_name(feature, f"{item.source}: {item.path}")
        terms.append(Term(feature, item.number("coefficient"),
                          item.text("input", inputs[0].name, choices=[known.name for known in inputs])))
        item.finish()
    if not terms:
        table.fail("terms", "must hold at least one feature")
    if len({(term.input, term.feature) for term in terms}) < len(terms):
        table.fail("terms", "name a feature twice")
    signature = Signature(table.text("name"), table.number("intercept", 0.0), table.flag("standardised"), tuple(terms))
    table.finish()
    if features_from == "table" and signature.standardised:
        table.fail("standardised", "must be false for features of a table: store the coefficients of the raw values")
    return signature


def _cutoff(table: Table | None) -> Cutoff | None:
    if table is None:
        return None
    labels = table.table("labels")
    cutoff = Cutoff(table.number("value"), table.flag("inclusive"), (labels.text("below"), labels.text("above")),
                    table.text("worse", choices=("below", "above")), table.text("on", SCORE, choices=CUTOFF_SCALES))
    labels.finish()
    table.finish()
    return cutoff


def parse_covariate(table: Table) -> Covariate:
    kind = table.text("kind", choices=("continuous", "ordinal", "binary", "categorical"))
    levels = []
    for number, item in enumerate(table.tables("levels", ())):
        levels.append((item.text("label"), item.number("value", float(number))))
        item.finish()
    covariate = Covariate(table.text("name"), table.text("title"), kind, tuple(levels), table.text("unit", ""),
                          table.bounds("range", (None, None)))
    table.finish()
    if kind == "continuous" and levels:
        table.fail("levels", "belong to an ordinal, binary or categorical covariate, not to a continuous one")
    if kind != "continuous" and len({label for label, _ in levels}) < 2:
        table.fail("levels", "must hold at least two levels with different labels")
    if kind == "binary" and sorted(number for _, number in levels) != [0.0, 1.0]:
        table.fail("levels", "of a binary covariate must have the values 0 and 1")
    return covariate


def _predictor(table: Table, covariates: tuple[Covariate, ...], intercept: float) -> LinearPredictor:
    known = {covariate.name: covariate for covariate in covariates}
    coefficients: dict[str, float | dict[str, float]] = {}
    inner = table.table("coefficients")
    for name in inner.names():
        if name != SCORE and name not in known:
            inner.fail(name, f"is neither '{SCORE}' nor a covariate of the model ({', '.join(known) or 'it has none'})")
        if name != SCORE and known[name].kind == "categorical":
            levels = inner.table(name)
            coefficients[name] = {label: levels.number(label) for label, _ in known[name].levels}
            levels.finish()
        else:
            coefficients[name] = inner.number(name)
    if not coefficients:
        table.fail("coefficients", "must hold at least one number")
    return LinearPredictor(coefficients, intercept)


def _survival(table: Table | None, covariates: tuple[Covariate, ...]) -> SurvivalPart | None:
    if table is None:
        return None
    baseline = table.table("baseline_cumulative_hazard")
    times = baseline.numbers("times_months", above=0)
    hazards = baseline.numbers("values", length=len(times), low=0)
    if not times or any(b <= a for a, b in pairwise(times)):
        baseline.fail("times_months", "must be increasing times above 0")
    if any(b < a for a, b in pairwise(hazards)):
        baseline.fail("values", "must not decrease")
    part = SurvivalPart(_predictor(table, covariates, 0.0), times, hazards,
                        baseline.text("interpolation", choices=("step", "linear")),
                        table.numbers("horizons_months", above=0),
                        table.mapping("reconstruction", lambda _, value: value, None))
    if not part.horizons or max(part.horizons) > times[-1]:
        table.fail("horizons_months", f"must lie within the baseline's times, up to {times[-1]:g} months")
    baseline.finish()
    table.finish()
    return part


def _probability(table: Table | None, covariates: tuple[Covariate, ...]) -> ProbabilityPart | None:
    if table is None:
        return None
    part = ProbabilityPart(_predictor(table, covariates, table.number("intercept", 0.0)), table.text("outcome"))
    table.finish()
    return part


def _distribution(table: Table) -> Distribution:
    found = Distribution(table.text("cohort"), table.integer("cases", low=1), table.number("mean"),
                         table.number("sd", above=0))
    table.finish()
    return found


def _performance(table: Table) -> Performance:
    found = Performance(table.text("measure"), table.text("cohort"), table.number("value"),
                        table.integer("cases", None, low=1), table.numbers("ci95", None, length=2))
    table.finish()
    return found
