"""What a model is: a signature of features, a cut-off, and how score and covariates become survival or probability.

These classes are the contract of a model's file: :mod:`..contract` reads and writes it and makes its JSON Schema
(Resources/Models/model.schema.json) from them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..catalogue import parse_name
from ..checked import Table
from ..contract import entry, write
from ..errors import CovariateError, ModelMismatch
from ..protocol import Protocol
from ..statistics.arrays import Floats
from ..suggestions import did_you_mean
from .covariates import Covariate, Value
from .cutoff import LINEAR_PREDICTOR, Cutoff
from .imaging import Imaging
from .lesion import ModelLesion
from .patient_rule import PatientRule
from .predictors import SCORE, Predictor, ProbabilityPredictor, SurvivalPredictor
from .reference import Reference
from .signature import ENTER_GROUP, Signature, WeightedFeature
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

    signature: str = entry(default="", choices=ORIGINS)
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

    It has one ``signature``, several ``signatures``, or none: then its covariates alone predict, and there is no image.
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
    inputs: tuple[Input, ...] = entry(default=(), description="the volumes its signatures read")
    patients: PatientRule | None = entry(default=None, description="how VOIs of a patient become the row it scores")
    lesion: ModelLesion | None = None
    signature: Signature | None = entry(default=None, description="of a model with one; left out where there are "
                                                                  "several, or where covariates alone predict")
    signatures: tuple[Signature, ...] = entry(default=(), description="of a model with several, each with an id")
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
        first = self.inputs[0].name if self.inputs else ""

        def named(signature: Signature) -> Signature:
            return dataclasses.replace(signature, terms=tuple(
                term if term.input else dataclasses.replace(term, input=first) for term in signature.terms))

        if self.signature is not None:
            object.__setattr__(self, "signature", named(self.signature))
        object.__setattr__(self, "signatures", tuple(named(item) for item in self.signatures))

    def check(self, table: Table) -> None:
        """Raise SchemaError where the components do not fit each other."""
        _check_names(self, table)
        _check_signatures(self, table)
        _check_components(self, table)
        for predictor in filter(None, (self.survival, self.probability)):
            _check_coefficients(self, predictor, table)
        if self.uncertainty is not None:
            if self.predictor is None:
                table.fail("uncertainty", "belongs to survival or probability, and this model ends in a score")
            self.uncertainty.check_names(self.predictor.free_coefficients, self.term_keys, table)
        if self.reference is not None:
            known = [item.id for item in self.signatures]
            for number, item in enumerate(self.reference.signatures, start=1):
                if item.signature not in known:
                    table.fail(f"reference.signatures[{number}].signature",
                               f"is '{item.signature}', which is none of several signatures of the model")

    def to_dict(self) -> dict[str, Any]:
        """Return the model as its JSON file holds it."""
        values = write(self)
        if len(self.inputs) == 1:
            for signature in filter(None, (values.get("signature"), *values.get("signatures", ()))):
                for term in signature["terms"]:
                    del term["input"]
        return values

    @property
    def scores(self) -> tuple[Signature, ...]:
        """Its signatures: one, several, or none of a model of covariates alone."""
        return (self.signature,) if self.signature is not None else self.signatures

    @property
    def terms(self) -> tuple[WeightedFeature, ...]:
        """The terms of all its signatures, one signature after the other."""
        return tuple(term for signature in self.scores for term in signature.terms)

    @property
    def score_name(self) -> str:
        """What its score is called; that of several signatures is their share of the linear predictor, and empty of a
        model without signature."""
        if len(self.scores) < 2:
            return "".join(item.name for item in self.scores)
        return f"Joint score of {len(self.scores)} signatures"

    @property
    def is_clinical(self) -> bool:
        """Whether covariates alone predict: there is no signature, no score, and no image is read."""
        return not self.scores

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
        return any(item.standardised for item in self.scores)

    @property
    def horizons_months(self) -> tuple[float, ...]:
        """The times whose survival a prediction reports; none of a model without survival."""
        return self.survival.horizons_months if self.survival else ()

    def check_scored(self, purpose: str) -> None:
        """Raise ModelMismatch for a model of covariates alone: it has no score ``purpose`` ('to perturb')."""
        if self.is_clinical:
            raise ModelMismatch(f"Model '{self.id}' has no score {purpose}: its covariates alone predict, and no "
                                "contour changes what it says.")

    def image_protocol(self) -> Protocol:
        """Return the protocol under which an image's features are made.

        Raises ModelMismatch for a model whose features no protocol makes.
        """
        if self.is_clinical:
            raise ModelMismatch(f"Model '{self.id}' reads no image: its covariates alone predict. Give these and leave "
                                "image and contour out.")
        if self.protocol is None:
            raise ModelMismatch(f"Model '{self.id}' scores no image: its features are columns of a table that other "
                                "software made. Score such a table with 'score --cohort'.")
        return self.protocol

    def features(self, input_name: str | None = None) -> tuple[str, ...]:
        """Return the names of the features read from one input (the first when None)."""
        name = input_name or self.inputs[0].name
        return tuple(dict.fromkeys(term.feature for term in self.terms if term.input == name))

    def term_key(self, term: WeightedFeature) -> str:
        """Return a term's name in tables and scalings: the feature, preceded by ``input:`` when there are several."""
        return term.feature if len(self.inputs) == 1 else f"{term.input}:{term.feature}"

    @property
    def term_keys(self) -> list[str]:
        """The names of all terms in tables and scalings."""
        return [self.term_key(term) for term in self.terms]

    @property
    def score_intercept(self) -> float:
        """What the score is before the terms' contributions are added."""
        return float(sum(weight * item.intercept for weight, item in zip(self.score_weights, self.scores, strict=True)))

    @property
    def score_weights(self) -> Floats:
        """What each signature's score (k,) counts for in the score: 1 for the one, else its coefficient."""
        if len(self.scores) < 2 or self.predictor is None:
            return np.ones(len(self.scores))
        return np.array([self.predictor.coefficients[item.id] for item in self.scores], float)

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
    if model.scores and not (model.inputs and _distinct(item.name for item in model.inputs)):
        table.fail("inputs", "must hold at least one volume, each with its own name")
    if not model.scores and model.inputs:
        table.fail("inputs", "belong to a signature, and this model has none; leave them out, or give the signature")
    for number, signature in enumerate(model.signatures, start=1):
        if signature.id == SCORE:
            table.fail(f"signatures[{number}].id", f"is missing or '{SCORE}': signatures and covariates must have "
                                                   "distinct names, none of them that")
    if not _distinct(item.name for item in model.signatures):
        table.fail("signatures", "must have distinct names, by which answers tell their scores from each other")
    names = [SCORE, *(item.id for item in model.signatures), *(item.name for item in model.covariates)]
    if not _distinct(names):
        table.fail("covariates", f"and signatures must have distinct names, none of them '{SCORE}'")
    inputs = [item.name for item in model.inputs]
    for where, signature in _where_signatures(model):
        for number, term in enumerate(signature.terms, start=1):
            if term.input not in inputs:
                table.fail(f"{where}.terms[{number}].input", f"is '{term.input}'; allowed: {', '.join(inputs)}")
            if model.features_from == IMAGE:
                parse_name(term.feature, f"{table.source}: {where}.terms[{number}]")


def _where_signatures(model: Model) -> Iterable[tuple[str, Signature]]:
    """Yield where each signature stands in the file, and the signature."""
    if model.signature is not None:
        yield "signature", model.signature
    for number, signature in enumerate(model.signatures, start=1):
        yield f"signatures[{number}]", signature


def _distinct(names: Iterable[str]) -> bool:
    listed = list(names)
    return len(set(listed)) == len(listed)


def _check_signatures(model: Model, table: Table) -> None:
    """Raise SchemaError unless there is one signature, or several that belong together, or none and a predictor."""
    if model.signature is not None and model.signatures:
        table.fail("signatures", "and 'signature' exclude each other: list all of them under 'signatures'")
    if len(model.signatures) == 1:
        table.fail("signatures", "hold a single one; name it 'signature'")
    if model.signature is not None and model.signature.id != SCORE:
        table.fail("signature.id", f"must be '{SCORE}', or be left out, for a model's one signature")
    if len(model.scores) != 1 and model.predictor is None:
        table.fail("survival", "or probability is missing: only a model with one signature can end in a score")
    if len({item.standardised for item in model.signatures}) > 1:
        table.fail("signatures", "must all be standardised, or none of them")
    for number, signature in enumerate(model.signatures, start=1):
        if signature.enter == ENTER_GROUP:
            table.fail(f"signatures[{number}].enter", f"may be '{ENTER_GROUP}' only for a model's one signature")
        if model.predictor is not None and signature.id not in model.predictor.coefficients:
            table.fail(f"{model.predictor.name}.coefficients.{signature.id}", "is missing: every signature enters")
    if not model.scores and model.cutoff is not None and model.cutoff.on == SCORE:
        table.fail("cutoff.on", f"must be '{LINEAR_PREDICTOR}': this model has no score")
    known = model.reference
    if not model.scores and known is not None and known != Reference(outcome=known.outcome):
        table.fail("reference", "may hold nothing but 'outcome': this model has no score")


def _check_components(model: Model, table: Table) -> None:
    if model.features_from == TABLE and model.protocol_name:
        table.fail("protocol", "belongs to features of an image, and features_from is 'table'; leave one of them out")
    if not model.scores and model.protocol_name:
        table.fail("protocol", "belongs to features of an image, and this model has no signature")
    if model.scores and model.features_from == IMAGE and not model.protocol_name:
        table.fail("protocol", "is missing")
    for where, signature in _where_signatures(model):
        if model.features_from == TABLE and signature.standardised:
            table.fail(f"{where}.standardised",
                       "must be false for features of a table: store the coefficients of the raw values")
    if model.endpoint.kind == TIME_TO_EVENT and model.probability:
        table.fail("probability", "belongs to a binary endpoint, and this one is time-to-event")
    if model.endpoint.kind == BINARY and model.survival:
        table.fail("survival", "belongs to a time-to-event endpoint, and this one is binary")
    if model.cutoff is not None and model.cutoff.on == LINEAR_PREDICTOR and model.predictor is None:
        table.fail("cutoff.on", f"must be '{SCORE}': without survival or probability there is no linear predictor")
    for component in (field.name for field in dataclasses.fields(Provenance)):
        there = model.scores if component == "signature" else getattr(model, component)
        if there and not getattr(model.provenance, component):
            table.fail(f"provenance.{component}", f"is missing; allowed: {', '.join(ORIGINS)}")


def _check_coefficients(model: Model, predictor: Predictor, table: Table) -> None:
    """Raise SchemaError unless every coefficient belongs to a score or a covariate, in the shape of its kind."""
    known = {covariate.name: covariate for covariate in model.covariates}
    scores = [item.id for item in model.scores]
    where = f"{predictor.name}.coefficients"
    for name, coefficient in predictor.coefficients.items():
        if name not in scores and name not in known:
            neither = f"neither {', '.join(map(repr, scores))} nor a covariate" if scores else "no covariate"
            table.fail(f"{where}.{name}", f"is {neither} of the model ({', '.join(known) or 'it has none'})")
        levels = [level.label for level in known[name].levels] if name in known and known[name].is_categorical else None
        if levels is None and isinstance(coefficient, dict):
            table.fail(f"{where}.{name}", "must be a finite number, not a table")
        if levels is not None and (not isinstance(coefficient, dict) or set(coefficient) != set(levels)):
            table.fail(f"{where}.{name}", f"must be a table with a number for each level: {', '.join(levels)}")
