"""Read a recipe's TOML and check that its tables fit each other: names that refer, and steps that endpoints allow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ...checked import Table
from ...contract import read
from ...errors import InputError
from ...files import content_hash, read_text, read_toml
from ...models.covariates import Covariate
from ...models.model import Input
from ...models.patient_rule import ANY_POSITIVE, PatientRule
from ...models.predictors import SCORE
from ...models.signature import ENTER_GROUP, ENTER_SCORE
from ...protocol import Protocol, load_protocol
from ...reading.rule import ReproducibilityFilter
from ...resources import find
from ...statistics.penalised import MEASURES
from ..endpoints import KINDS, StudyEndpoint
from .recipe import LOWEST_P, ModelSpec, Recipe, SignatureSpec, Split, ValidationSpec

_T = TypeVar("_T")

#: Where a recipe's tables begin, and its own line that names the protocol.
_FIRST_TABLE, _PROTOCOL = re.compile(r"^\[", re.MULTILINE), re.compile(r"^protocol\s*=.*$", re.MULTILINE)

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def load_recipe(name: str | Path, protocol: str = "") -> Recipe:
    """Return the recipe ``name`` (identifier or path of a TOML file), with another ``protocol`` where one is named.

    Raises FileError or SchemaError.
    """
    path = find("Recipes", ".toml", str(name), "Recipe")
    values = read_toml(path, "Recipe")
    return parse_recipe({**values, "protocol": protocol} if protocol else values, path.name)


def recipe_text(name: str | Path, protocol: str = "") -> str:
    """Return the text of the file that :func:`load_recipe` reads, so that it names ``protocol``. Raises FileError."""
    text = read_text(find("Recipes", ".toml", str(name), "Recipe"), "Recipe")
    if not protocol:
        return text
    line = f"protocol = {json.dumps(protocol, ensure_ascii=False)}"
    tables = _FIRST_TABLE.search(text)
    head, rest = (text[:tables.start()], text[tables.start():]) if tables else (text, "")
    named, count = _PROTOCOL.subn(lambda _: line, head)
    return named + rest if count else f"{head.rstrip()}\n{line}\n\n{rest}"


def parse_recipe(values: dict[str, Any], source: str) -> Recipe:
    """Check a recipe's table; ``source`` is the file to name in errors. Raises SchemaError."""
    table = Table(values, source)
    origin = table.table("source")
    protocol_name = table.text("protocol", "")
    reproducibility, validation = table.table("reproducibility", None), table.table("validation", None)
    patients = table.table("patients", None)
    recipe = Recipe(
        id=table.text("id"), version=table.text("version"), title=table.text("title"),
        disease=table.text("disease", ""), population=table.text("population"),
        citation=origin.text("citation"), doi=origin.text("doi", ""),
        protocol_name=protocol_name, protocol=_protocol(protocol_name, table),
        seed=table.integer("seed", 1, high=2**32 - 1),
        inputs=_many(table, "inputs", lambda item: read(Input, item), "name") or (Input("image", "Image"),),
        split=read(Split, table.table("split")),
        endpoints=_many(table, "endpoints", _endpoint, "id"),
        covariates=_many(table, "covariates", lambda item: read(Covariate, item), "name"),
        reproducibility=None if reproducibility is None else read(ReproducibilityFilter, reproducibility),
        patients=None if patients is None else read(PatientRule, patients),
        signatures=_many(table, "signatures", lambda item: read(SignatureSpec, item), "id"),
        models=_many(table, "models", lambda item: read(ModelSpec, item), "id"),
        validation=ValidationSpec() if validation is None else read(ValidationSpec, validation),
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


def _many(table: Table, key: str, parse: Callable[[Table], _T], identity: str) -> tuple[_T, ...]:
    rows = tuple(parse(item) for item in table.tables(key, ()))
    names = [getattr(item, identity) for item in rows]
    if len(set(names)) < len(names):
        table.fail(key, f"must have distinct values of '{identity}'")
    return rows


def _endpoint(table: Table) -> StudyEndpoint:
    return read(KINDS[table.text("kind", choices=KINDS)], table)


def _check_whole(recipe: Recipe, table: Table) -> None:
    if not recipe.endpoints:
        table.fail("endpoints", "must hold at least one endpoint")
    if not recipe.models:
        table.fail("models", "must hold at least one model")
    names = {item.name for item in recipe.covariates}
    if SCORE in names:
        table.fail("covariates", f"must not be named '{SCORE}'")
    signatures = [item.id for item in recipe.signatures]
    for identifier in (recipe.id, *(item.id for item in recipe.endpoints), *signatures,
                       *(item.id for item in recipe.models)):
        if not _IDENTIFIER.fullmatch(identifier):
            table.fail("id", f"is '{identifier}'; identifiers name files, so they hold letters, digits, '-', '_' and "
                             "'.', and begin with a letter or digit")
    for identifier in signatures:
        if identifier in names or identifier == SCORE:
            table.fail("signatures", f"must not have the id '{identifier}', which is a covariate's name or '{SCORE}'")
    for number, signature in enumerate(recipe.signatures):
        _check_signature(recipe, signature, signatures[:number], table)
    for number, model in enumerate(recipe.models):
        _check_model(recipe, model, recipe.models[:number], table)


def _known(table: Table, key: str, values: Iterable[str], allowed: Sequence[str]) -> None:
    for value in values:
        if value and value not in allowed:
            table.fail(key, f"names '{value}'; allowed: {', '.join(allowed) or 'none'}")


def _check_signature(recipe: Recipe, signature: SignatureSpec, earlier: Sequence[str], table: Table) -> None:
    where = f"signatures.{signature.id}"
    _known(table, f"{where}.endpoint", [signature.endpoint], [item.id for item in recipe.endpoints])
    _known(table, f"{where}.input", [signature.input], [item.name for item in recipe.inputs])
    _known(table, f"{where}.features.signature", [signature.features.signature], earlier)
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
    if signature.forest and not endpoint.has_classes:
        table.fail(f"{where}.forest", f"selects for a binary endpoint only, and this one is {endpoint.kind}")
    if signature.redundancy and signature.redundancy.prefer == LOWEST_P and not signature.univariate:
        table.fail(f"{where}.redundancy.prefer", "is 'lowest p', which needs the table 'univariate'")
    if signature.penalised:
        _known(table, f"{where}.penalised.measure", [signature.penalised.measure], MEASURES[endpoint.family])


def _check_model(recipe: Recipe, model: ModelSpec, earlier: Sequence[ModelSpec], table: Table) -> None:
    where = f"models.{model.id}"
    _known(table, f"{where}.endpoint", [model.endpoint], [item.id for item in recipe.endpoints])
    _known(table, f"{where}.signatures", model.signatures, [item.id for item in recipe.signatures])
    _known(table, f"{where}.covariates", model.covariates, [item.name for item in recipe.covariates])
    _known(table, f"{where}.covariates_of", [model.covariates_of], [item.id for item in earlier])
    endpoint = recipe.endpoint(model.endpoint)
    if not (model.signatures or model.covariates or model.covariates_of):
        table.fail(where, "must hold signatures, covariates or both")
    if model.enter == ENTER_GROUP:
        if not model.has_one_score:
            table.fail(f"{where}.enter", f"is '{ENTER_GROUP}', which needs exactly one signature")
        _known(table, f"{where}.group_of", [model.group_of],
               [item.id for item in earlier if item.cutoff and item.cutoff.on == SCORE
                and item.signatures == model.signatures])
    if recipe.patients and recipe.patients.rule == ANY_POSITIVE and len(model.signatures) > 1:
        table.fail(f"{where}.signatures", f"are several, and the rule '{ANY_POSITIVE}' takes the VOI with the highest "
                                          "score of one; give the patients another rule, or the model one signature")
    if model.fit == "none":
        own = (model.has_one_score and model.enter == ENTER_SCORE
               and recipe.signature(model.signatures[0]).endpoint == model.endpoint)
        if not endpoint.has_classes or not own or model.covariates or model.covariates_of:
            table.fail(f"{where}.fit", "is 'none', which needs one signature of the same binary endpoint, its score as "
                                       "the only term")
    if model.selection.proportional_hazards_above is not None and endpoint.has_classes:
        table.fail(f"{where}.selection.proportional_hazards_above", "belongs to a time-to-event endpoint")
    cutoff = model.cutoff
    if cutoff is None:
        return
    _known(table, f"{where}.cutoff.model", [cutoff.model],
           [item.id for item in earlier if item.cutoff and item.signatures == model.signatures
            and item.cutoff.on == cutoff.on == SCORE])
    if cutoff.is_searched and cutoff.rule != endpoint.cutoff_rule:
        table.fail(f"{where}.cutoff.rule", f"'{cutoff.rule}' does not fit a {endpoint.kind} endpoint")
    if cutoff.on == SCORE and not model.has_one_score:
        table.fail(f"{where}.cutoff.on", "is 'score', which needs exactly one signature that enters by its score; "
                                         "allowed here: linear predictor")
