"""What a model is: a signature of features, a cut-off, and how score and covariates become survival or probability.

These classes are the contract of a model's file: :mod:`..contract` reads and writes it and makes its JSON Schema
(Resources/Models/model.schema.json) from them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalogue import parse_name
from ..checked import Table
from ..contract import entry, write
from ..errors import CovariateError, ModelMismatch
from ..protocol import Protocol
from ..suggestions import did_you_mean
from .covariates import Covariate, Value
from .cutoff import LINEAR_PREDICTOR, Cutoff
from .imaging import Imaging
from .lesion import ModelLesion
from .predictors import SCORE, Predictor, ProbabilityPredictor, SurvivalPredictor
from .reference import Reference
from .signature import Signature, WeightedFeature
from .uncertainty import CoefficientUncertainty

SCHEMA = "radiomics-prognosis/model/1"

TIME_TO_EVENT, BINARY = "time-to-event", "binary"

#: Where each component of a model can come from.
PUBLISHED, RECONSTRUCTED, TRAINED_HERE = "published", "reconstructed", "trained here"
ORIGINS = (PUBLISHED, RECONSTRUCTED, TRAINED_HERE)

IMAGE, TABLE = "image", "table"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What is predicted; ``kind`` is ``time-to-event`` or ``binary``; ``event`` says what counts as one.

    ``time_zero`` is the moment from which time is counted, in words; empty where the source does not tell.
    """

    name: str
    abbreviation: str
    kind: str = entry(choices=(TIME_TO_EVENT, BINARY))
    event: str
    time_zero: str = entry(default="", description="the moment from which time is counted, in words")


@dataclass(frozen=True)
class Source:
    """The publication a model comes from."""

    citation: str
    doi: str = ""


@dataclass(frozen=True)
class Provenance:
    """Where each component of a model comes from: published, reconstructed from published tables, or trained here."""

    signature: str = entry(choices=ORIGINS)
    cutoff: str = entry(default="", choices=ORIGINS)
    survival: str = entry(default="", choices=ORIGINS)
    probability: str = entry(default="", choices=ORIGINS)

    def by_component(self) -> dict[str, str]:
        """Return the origin by component, of those that the model has."""
        return write(self)


@dataclass(frozen=True)
class Input:
    """A volume the model reads, and what it was made on: closed ranges of spacing (mm), and the acquisition.

    None is not reported. The title is what the model wants, not what an image given to it is.
    """

    name: str
    title: str
    slice_thickness_mm: tuple[float | None, float | None] | None = None
    pixel_spacing_mm: tuple[float | None, float | None] | None = None
    acquisition: Imaging | None = None


@dataclass(frozen=True, kw_only=True)
class Performance:
    """A published figure of merit, with its cohort, number of cases and 95 % confidence interval where reported."""

    measure: str
    cohort: str
    cases: int | None = entry(default=None, low=1)
    value: float
    ci95: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Model:
    """A stored model; ``provenance`` says of each component whether it is published, reconstructed or trained here.

    ``features_from`` is ``image`` (pyradiomics' features, made under ``protocol``) or ``table`` (columns that other
    software made, under names of its own; there is no protocol and no image can be scored). ``disease`` is what the
    patients have in a few words, ``reference`` what is known of their scores, features and outcomes. ``hash`` is the
    SHA-256 of the file's content.
    """

    schema: str = entry(default=SCHEMA, choices=(SCHEMA,), required=True)
    id: str
    version: str
    title: str
    endpoint: Endpoint
    disease: str = entry(default="", description="what the patients have; a scaling says the same words")
    population: str
    source: Source
    provenance: Provenance
    features_from: str = entry(
        default=IMAGE, choices=(IMAGE, TABLE),
        description="image (the default): pyradiomics' features, made under the protocol; table: columns that other "
                    "software made, so that no image can be scored")
    protocol_name: str = entry(default="", key="protocol",
                               description="identifier of a protocol, or path of its TOML file")
    inputs: tuple[Input, ...] = entry(least="volume")
    lesion: ModelLesion | None = None
    signature: Signature
    cutoff: Cutoff | None = None
    covariates: tuple[Covariate, ...] = ()
    survival: SurvivalPredictor | None = None
    probability: ProbabilityPredictor | None = None
    uncertainty: CoefficientUncertainty | None = None
    reference: Reference | None = None
    performance: tuple[Performance, ...] = entry(default=(), always=True)
    intended_use: str
    protocol: Protocol | None = entry(default=None, stored=False, compare=False)
    hash: str = entry(default="", stored=False, compare=False)

    def __post_init__(self) -> None:
        """Name the input of every term: the first where the file does not say."""
        terms = tuple(term if term.input else dataclasses.replace(term, input=self.inputs[0].name)
                      for term in self.signature.terms)
        object.__setattr__(self, "signature", dataclasses.replace(self.signature, terms=terms))

    def check(self, table: Table) -> None:
        """Raise SchemaError where the components do not fit each other."""
        _check_names(self, table)
        _check_components(self, table)
        for predictor in filter(None, (self.survival, self.probability)):
            _check_coefficients(self, predictor, table)
        if self.uncertainty is not None:
            if self.predictor is None:
                table.fail("uncertainty", "belongs to survival or probability, and this model ends in a score")
            self.uncertainty.check_names(self.predictor.free_coefficients, self.term_keys, table)

    def to_dict(self) -> dict[str, Any]:
        """Return the model as its JSON file holds it."""
        values = write(self)
        if len(self.inputs) == 1:
            for term in values["signature"]["terms"]:
                del term["input"]
        return values

    @property
    def predictor(self) -> Predictor | None:
        """What turns score and covariates into survival or probability, None for a model that ends in a score."""
        return self.survival or self.probability

    @property
    def score_cutoff(self) -> Cutoff | None:
        """The cut-off that stands on the score's scale: None where there is none or it is on the linear predictor."""
        return self.cutoff if self.cutoff is not None and self.cutoff.on == SCORE else None

    @property
    def needs_scaling(self) -> bool:
        """Whether a score needs means and SDs of the features."""
        return self.signature.standardised

    @property
    def horizons_months(self) -> tuple[float, ...]:
        """The times whose survival a prediction reports; none of a model without survival."""
        return self.survival.horizons_months if self.survival else ()

    def image_protocol(self) -> Protocol:
        """Return the protocol under which an image's features are made.

        Raises ModelMismatch for a model whose features no protocol makes.
        """
        if self.protocol is None:
            raise ModelMismatch(f"Model '{self.id}' scores no image: its features are columns of a table that other "
                                "software made. Score such a table with 'score --cohort'.")
        return self.protocol

    def features(self, input_name: str | None = None) -> tuple[str, ...]:
        """Return the names of the features read from one input (the first when None)."""
        name = input_name or self.inputs[0].name
        return tuple(term.feature for term in self.signature.terms if term.input == name)

    def term_key(self, term: WeightedFeature) -> str:
        """Return a term's name in tables and scalings: the feature, preceded by ``input:`` when there are several."""
        return term.feature if len(self.inputs) == 1 else f"{term.input}:{term.feature}"

    @property
    def term_keys(self) -> list[str]:
        """The names of all terms in tables and scalings."""
        return [self.term_key(term) for term in self.signature.terms]

    def covariates_used(self) -> tuple[Covariate, ...]:
        """Return the covariates that survival or probability needs."""
        used = self.predictor.coefficients if self.predictor else {}
        return tuple(item for item in self.covariates if item.name in used)

    def parse_covariates(self, values: Mapping[str, Any]) -> dict[str, Value]:
        """Check and convert covariate values by name. Raises CovariateError for an unknown name or a bad value."""
        known = {covariate.name: covariate for covariate in self.covariates}
        for name in values:
            if name not in known:
                raise CovariateError(f"Model '{self.id}' has no covariate '{name}'; "
                                     f"it knows: {', '.join(known) or 'none'}.{did_you_mean(name, known)}")
        return {name: known[name].parse(value) for name, value in values.items() if value not in (None, "")}


def _check_names(model: Model, table: Table) -> None:
    if not _distinct(item.name for item in model.inputs):
        table.fail("inputs", "must hold at least one volume, each with its own name")
    if not _distinct([SCORE, *(item.name for item in model.covariates)]):
        table.fail("covariates", f"must have distinct names, none of them '{SCORE}'")
    inputs = [item.name for item in model.inputs]
    for number, term in enumerate(model.signature.terms, start=1):
        where = f"signature.terms[{number}]"
        if term.input not in inputs:
            table.fail(f"{where}.input", f"is '{term.input}'; allowed: {', '.join(inputs)}")
        if model.features_from == IMAGE:
            parse_name(term.feature, f"{table.source}: {where}")


def _distinct(names: Iterable[str]) -> bool:
    listed = list(names)
    return len(set(listed)) == len(listed)


def _check_components(model: Model, table: Table) -> None:
    if model.features_from == TABLE and model.protocol_name:
        table.fail("protocol", "belongs to features of an image, and features_from is 'table'; leave one of them out")
    if model.features_from == IMAGE and not model.protocol_name:
        table.fail("protocol", "is missing")
    if model.features_from == TABLE and model.signature.standardised:
        table.fail("signature.standardised",
                   "must be false for features of a table: store the coefficients of the raw values")
    if model.endpoint.kind == TIME_TO_EVENT and model.probability:
        table.fail("probability", "belongs to a binary endpoint, and this one is time-to-event")
    if model.endpoint.kind == BINARY and model.survival:
        table.fail("survival", "belongs to a time-to-event endpoint, and this one is binary")
    if model.cutoff is not None and model.cutoff.on == LINEAR_PREDICTOR and model.predictor is None:
        table.fail("cutoff.on", f"must be '{SCORE}': without survival or probability there is no linear predictor")
    for component in (field.name for field in dataclasses.fields(Provenance)):
        if getattr(model, component) is not None and not getattr(model.provenance, component):
            table.fail(f"provenance.{component}", f"is missing; allowed: {', '.join(ORIGINS)}")


def _check_coefficients(model: Model, predictor: Predictor, table: Table) -> None:
    """Raise SchemaError unless every coefficient belongs to the score or a covariate, in the shape of its kind."""
    known = {covariate.name: covariate for covariate in model.covariates}
    where = f"{predictor.name}.coefficients"
    for name, coefficient in predictor.coefficients.items():
        if name != SCORE and name not in known:
            table.fail(f"{where}.{name}", f"is neither '{SCORE}' nor a covariate of the model "
                                          f"({', '.join(known) or 'it has none'})")
        levels = [level.label for level in known[name].levels] if name != SCORE and known[name].is_categorical else None
        if levels is None and isinstance(coefficient, dict):
            table.fail(f"{where}.{name}", "must be a finite number, not a table")
        if levels is not None and (not isinstance(coefficient, dict) or set(coefficient) != set(levels)):
            table.fail(f"{where}.{name}", f"must be a table with a number for each level: {', '.join(levels)}")
