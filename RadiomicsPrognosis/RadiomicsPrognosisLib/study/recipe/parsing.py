"""Read a recipe's TOML and check every part of it, down to whether its parts fit each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ...checked import Table
from ...contract import read
from ...errors import InputError
from ...files import content_hash, read_toml
from ...models.covariates import Covariate
from ...models.model import BINARY, CUTOFF_SCALES, TIME_TO_EVENT, Input
from ...models.predictors import SCORE
from ...protocol import Protocol, load_protocol
from ...resources import find
from ...statistics.icc import BOUNDS, FORMS
from ...statistics.multiplicity import METHODS
from ...statistics.penalised import MEASURES, RULES
from ...statistics.penalised.likelihoods import TIES
from ...statistics.splines import KNOT_QUANTILES
from ..endpoints import BinaryEndpoint, StudyEndpoint, SurvivalEndpoint
from .recipe import (
    COMPARISONS,
    DATA_DRIVEN_RULES,
    CutoffSpec,
    Features,
    ForestRule,
    ModelSpec,
    PenalisedRule,
    Recipe,
    RedundancyFilter,
    ReproducibilityFilter,
    SignatureSpec,
    Split,
    TermSelection,
    UnivariateFilter,
    ValidationSpec,
)

_T = TypeVar("_T")

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def load_recipe(name: str | Path) -> Recipe:
    """Return the recipe ``name`` (identifier or path of a TOML file). Raises FileError or SchemaError."""
    path = find("Recipes", ".toml", str(name), "Recipe")
    return parse_recipe(read_toml(path, "Recipe"), path.name)


def parse_recipe(values: dict[str, Any], source: str) -> Recipe:
    """Check a recipe's table; ``source`` is the file to name in errors. Raises SchemaError."""
    table = Table(values, source)
    origin, validation = table.table("source"), table.table("validation", None)
    protocol_name = table.text("protocol", "")
    recipe = Recipe(
        id=table.text("id"), version=table.text("version"), title=table.text("title"),
        population=table.text("population"), citation=origin.text("citation"), doi=origin.text("doi", ""),
        protocol_name=protocol_name, protocol=_protocol(protocol_name, table),
        seed=table.integer("seed", 1, high=2**32 - 1),
        inputs=_many(table, "inputs", lambda item: read(Input, item), "name") or (Input("image", "Image"),),
        split=_split(table.table("split")),
        endpoints=_many(table, "endpoints", _endpoint, "id"),
        covariates=_many(table, "covariates", lambda item: read(Covariate, item), "name"),
        reproducibility=_reproducibility(table.table("reproducibility", None)),
        signatures=_many(table, "signatures", _signature, "id"), models=_many(table, "models", _model, "id"),
        validation=_validation(validation if validation is not None else Table({}, source)),
        hash=content_hash(values),
    )
    origin.finish()
    table.finish()
    _check_whole(recipe, table)
    return recipe


def _protocol(name: str, table: Table) -> Protocol | None:
    if not name:
        return None
    try:
        return load_protocol(name)
    except InputError as error:
        table.fail("protocol", f"cannot be used: {error}".rstrip("."))
        raise


def _many(table: Table, key: str, parse: Callable[[Table], _T], identity: str) -> tuple[_T, ...]:
    rows = tuple(parse(item) for item in table.tables(key, ()))
    names = [getattr(item, identity) for item in rows]
    if len(set(names)) < len(names):
        table.fail(key, f"must have distinct values of '{identity}'")
    return rows


def _endpoint(table: Table) -> StudyEndpoint:
    kind = table.text("kind", choices=(TIME_TO_EVENT, BINARY))
    common = {key: table.text(key) for key in ("id", "name", "abbreviation", "event")}
    endpoint: StudyEndpoint
    if kind == BINARY:
        endpoint = BinaryEndpoint(**common, outcome=table.text("outcome_column"),
                                  favourable=table.flag("favourable", False))
    else:
        horizons = table.numbers("horizons_months", above=0)
        if not horizons or list(horizons) != sorted(set(horizons)):
            table.fail("horizons_months", "must be one or more rising times")
        endpoint = SurvivalEndpoint(**common, time=table.text("time_column"), status=table.text("event_column"),
                                    horizons=horizons)
    table.finish()
    return endpoint


def _split(table: Table) -> Split:
    kind = table.text("kind", choices=("column", "random"))
    if kind == "column":
        split = Split(kind, table.text("column", "cohort"), table.text("training", "training"))
    else:
        split = Split(kind, fraction=table.number("training_fraction", low=0.1, high=0.95),
                      stratify=table.texts("stratify", ()))
    table.finish()
    return split


def _reproducibility(table: Table | None) -> ReproducibilityFilter | None:
    if table is None:
        return None
    rule = ReproducibilityFilter(table.text("form", choices=FORMS), table.number("threshold", low=-1, high=1),
                                  table.text("bound", "estimate", choices=BOUNDS),
                                  table.texts("comparisons", COMPARISONS, choices=COMPARISONS))
    table.finish()
    return rule


def _features(table: Table) -> Features:
    features = Features(table.flag("protocol", False), table.text("pattern", ""), table.texts("names", ()),
                     table.text("signature", ""), table.text("missing", "refuse", choices=("refuse", "leave out")))
    table.finish()
    if sum(map(bool, (features.protocol, features.pattern, features.names, features.signature))) != 1:
        table.fail("", "must hold exactly one of protocol = true, pattern, names and signature")
    try:
        re.compile(features.pattern)
    except re.error as error:
        table.fail("pattern", f"is not a regular expression ({error})")
    return features


def _section(table: Table, key: str, make: Callable[[Table], _T]) -> _T | None:
    inner = table.table(key, None)
    if inner is None:
        return None
    value = make(inner)
    inner.finish()
    return value


def _signature(table: Table) -> SignatureSpec:
    spec = SignatureSpec(
        id=table.text("id"), title=table.text("title"), endpoint=table.text("endpoint"), input=table.text("input", ""),
        features=_features(table.table("features")),
        scaling=table.text("scaling", choices=("z-score", "none")),
        univariate=_section(table, "univariate", lambda item: UnivariateFilter(
            item.number("p_at_most", low=0, high=1), item.text("adjustment", "none", choices=METHODS))),
        redundancy=_section(table, "redundancy", lambda item: RedundancyFilter(
            item.number("spearman_at_least", low=0, high=1, above=0),
            item.text("prefer", choices=("lowest p", "first column")))),
        penalised=_section(table, "penalised", _penalised),
        forest=_section(table, "forest", lambda item: ForestRule(
            item.integer("trees", 500, low=10, high=10000), item.integer("select", low=1))),
        score=table.text("score", choices=("penalised", "refitted")),
    )
    table.finish()
    if spec.score == "penalised" and not spec.penalised:
        table.fail("score", "is 'penalised', which needs the table 'penalised'; allowed without it: refitted")
    if spec.penalised and spec.forest:
        table.fail("forest", "and 'penalised' exclude each other; make two signatures")
    return spec


def _penalised(table: Table) -> PenalisedRule:
    measures = sorted({name for names in MEASURES.values() for name in names})
    return PenalisedRule(
        measure=table.text("measure", "deviance", choices=measures), folds=table.integer("folds", 10, low=3, high=1000),
        rule=table.text("rule", choices=RULES), ties=table.text("ties", "breslow", choices=TIES),
        fold_column=table.text("fold_column", ""),
        if_nothing=table.text("if_nothing_selected", "stop", choices=("stop", "min")))


def _model(table: Table) -> ModelSpec:
    spec = ModelSpec(
        id=table.text("id"), title=table.text("title"), endpoint=table.text("endpoint"),
        signatures=table.texts("signatures", ()), enter=table.text("enter", "score", choices=("score", "features")),
        covariates=table.texts("covariates", ()), covariates_of=table.text("covariates_of", ""),
        fit=table.text("fit", "regression", choices=("regression", "none")),
        selection=_section(table, "selection", lambda item: TermSelection(
            item.number("proportional_hazards_above", None, low=0, high=1),
            item.number("univariable_below", None, above=0, high=1),
            item.number("multivariable_below", None, above=0, high=1),
            item.flag("backward_aic", False))) or TermSelection(),
        cutoff=_section(table, "cutoff", _cutoff),
    )
    table.finish()
    return spec


def _cutoff(table: Table) -> CutoffSpec:
    rule = table.text("rule", choices=(*DATA_DRIVEN_RULES, "median", "fixed", "model"))
    labels = table.table("labels")
    spec = CutoffSpec(
        rule=rule, on=table.text("on", SCORE, choices=CUTOFF_SCALES),
        labels=(labels.text("below"), labels.text("above")), inclusive=table.flag("inclusive", rule == "fixed"),
        value=table.number("value") if rule == "fixed" else None, model=table.text("model") if rule == "model" else "",
        minimum_share=table.number("minimum_share", 0.1, above=0, high=0.49) if rule == "maxstat" else 0.0)
    labels.finish()
    return spec


def _validation(table: Table) -> ValidationSpec:
    spec = ValidationSpec(table.integer("calibration_groups", 3, low=2, high=20),
                           table.integer("calibration_knots", 3, low=min(KNOT_QUANTILES), high=max(KNOT_QUANTILES)),
                           table.integer("bootstrap", 0, high=100000), table.integer("nested_folds", 5, low=3, high=50))
    table.finish()
    return spec


def _check_whole(recipe: Recipe, table: Table) -> None:
    if not recipe.endpoints:
        table.fail("endpoints", "must hold at least one endpoint")
    if not recipe.models:
        table.fail("models", "must hold at least one model")
    names = {item.name for item in recipe.covariates}
    if SCORE in names:
        table.fail("covariates", f"must not be named '{SCORE}'")
    for item in (recipe, *recipe.endpoints, *recipe.signatures, *recipe.models):
        if not _IDENTIFIER.fullmatch(item.id):
            table.fail("id", f"is '{item.id}'; identifiers name files, so they hold letters, digits, '-', '_' and '.', "
                             "and begin with a letter or digit")
    for item in recipe.signatures:
        if item.id in names or item.id == SCORE:
            table.fail("signatures", f"must not have the id '{item.id}', which is a covariate's name or '{SCORE}'")
    for number, signature in enumerate(recipe.signatures):
        _check_signature(recipe, signature, recipe.signatures[:number], table)
    for number, model in enumerate(recipe.models):
        _check_model(recipe, model, recipe.models[:number], table)


def _known(table: Table, key: str, values: Iterable[str], allowed: Sequence[str]) -> None:
    for value in values:
        if value and value not in allowed:
            table.fail(key, f"names '{value}'; allowed: {', '.join(allowed) or 'none'}")


def _check_signature(recipe: Recipe, signature: SignatureSpec, earlier: Sequence[SignatureSpec], table: Table) -> None:
    where = f"signatures.{signature.id}"
    _known(table, f"{where}.endpoint", [signature.endpoint], [item.id for item in recipe.endpoints])
    _known(table, f"{where}.input", [signature.input], [item.name for item in recipe.inputs])
    _known(table, f"{where}.features.signature", [signature.features.signature], [item.id for item in earlier])
    endpoint = recipe.endpoint(signature.endpoint)
    if signature.features.protocol and not recipe.protocol:
        table.fail(f"{where}.features.protocol", "needs the recipe's 'protocol'; without one name columns by pattern")
    told = {column for item in recipe.endpoints for column in item.columns} | {
        recipe.split.column, *recipe.split.stratify, *(item.name for item in recipe.covariates)}
    known = sorted(told & {f"{signature.input}:{name}" if len(recipe.inputs) > 1 else name
                           for name in signature.features.names})
    if known:
        table.fail(f"{where}.features.names", f"names {', '.join(known)}, which the recipe uses as outcome, covariate "
                                              "or to split; a feature must be something else")
    if signature.forest and endpoint.kind != BINARY:
        table.fail(f"{where}.forest", "selects for a binary endpoint only, and this one is time-to-event")
    if signature.redundancy and signature.redundancy.prefer == "lowest p" and not signature.univariate:
        table.fail(f"{where}.redundancy.prefer", "is 'lowest p', which needs the table 'univariate'")
    if signature.penalised:
        _known(table, f"{where}.penalised.measure", [signature.penalised.measure], MEASURES[endpoint.family])


def _check_model(recipe: Recipe, model: ModelSpec, earlier: Sequence[ModelSpec], table: Table) -> None:
    where = f"models.{model.id}"
    endpoints = [item.id for item in recipe.endpoints]
    _known(table, f"{where}.endpoint", [model.endpoint], endpoints)
    _known(table, f"{where}.signatures", model.signatures, [item.id for item in recipe.signatures])
    _known(table, f"{where}.covariates", model.covariates, [item.name for item in recipe.covariates])
    _known(table, f"{where}.covariates_of", [model.covariates_of], [item.id for item in earlier])
    endpoint = recipe.endpoint(model.endpoint)
    if not (model.signatures or model.covariates or model.covariates_of):
        table.fail(where, "must hold signatures, covariates or both")
    if model.fit == "none":
        scored = len(model.signatures) == 1 and recipe.signature(model.signatures[0]).endpoint == model.endpoint
        if endpoint.kind != BINARY or not scored or model.covariates or model.covariates_of or model.enter != "score":
            table.fail(f"{where}.fit", "is 'none', which needs one signature of the same binary endpoint, its score as "
                                       "the only term")
    if model.selection.proportional_hazards_above is not None and endpoint.kind == BINARY:
        table.fail(f"{where}.selection.proportional_hazards_above", "belongs to a time-to-event endpoint")
    cutoff = model.cutoff
    if cutoff is None:
        return
    _known(table, f"{where}.cutoff.model", [cutoff.model],
           [item.id for item in earlier if item.cutoff and item.signatures == model.signatures
            and item.cutoff.on == cutoff.on == SCORE])
    if cutoff.rule in DATA_DRIVEN_RULES and cutoff.rule != endpoint.cutoff_rule:
        table.fail(f"{where}.cutoff.rule", f"'{cutoff.rule}' does not fit a {endpoint.kind} endpoint")
    if cutoff.on == "score" and (len(model.signatures) != 1 or model.enter != "score"):
        table.fail(f"{where}.cutoff.on", "is 'score', which needs exactly one signature that enters by its score; "
                                         "allowed here: linear predictor")
