"""Run a recipe on a cohort: split, reproducibility, signatures, models, comparisons and controls, to a StudyOutcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..models.model import Covariate, Model
from ..prediction import software_versions
from ..progress import Progress, Stages, portion
from ..statistics.cox import CoxModel
from .output.model_file import Export, export_model
from .recipe.recipe import Recipe, SignatureSpec
from .results import outcome
from .results.performance import CharacteristicsTable
from .rows.data import StudyData, check_protocol, fold_column, numeric_columns, prepare
from .steps.characteristics import characteristics
from .steps.comparison import compare_models
from .steps.endpoint_summary import summarise_endpoint
from .steps.modelling import Built, build_model
from .steps.reproducibility import reproducible_features
from .steps.resampling import nested_resampling, permutation_control
from .steps.signature import Training, candidate_features, column_of, develop, scores_of

#: Events a coefficient should have (Peduzzi et al., J Clin Epidemiol 1996;49:1373), and the share of rows left out for
#: a missing value, from which on a model is remarked on.
_EVENTS_PER_TERM, _GAPS = 10, 0.1

#: How long the stages of a run take in proportion to each other; the controls are nested resampling and permutations.
_STAGES = Stages(signatures=5, models=4, controls=1)


@dataclass(frozen=True, eq=False)
class Study:
    """A study's ``outcome``, the ``exports`` (model and scaling files), and a table of every row's ``scores``."""

    outcome: outcome.StudyOutcome
    exports: tuple[Export, ...]
    scores: pd.DataFrame

    def stored_models(self) -> dict[str, Model]:
        """Return the models that have a file, by their identifier in the recipe."""
        return {item.outcome.id: item.stored for item in self.exports if item.stored is not None}


@dataclass(frozen=True)
class Options:
    """What a run asks for beyond its recipe: another ``seed``, ``nested`` resampling, numbers of ``permutations``."""

    seed: int | None = None
    nested: bool = False
    permutations: int = 0


def run_study(recipe: Recipe, table: pd.DataFrame, readings: pd.DataFrame | None = None, options: Options | None = None,
              source: Mapping[str, Any] | None = None, progress: Progress | None = None) -> Study:
    """Run ``recipe`` on the cohort ``table``, one row per VOI, with repeated ``readings`` where given.

    Everything but the reproducibility filter is learned from training rows only; the same arguments give the same
    result. ``source`` describes the table (file, sha256); ``progress(share, text)`` may raise Cancelled. Raises
    CohortError, CovariateError, ModelMismatch or InputError for a cohort that cannot be used.
    """
    options = options or Options()
    report = progress or (lambda share, text: None)
    seed = recipe.seed if options.seed is None else options.seed
    data = prepare(recipe, table, seed)
    run = _Run(recipe, data, seed, report)
    run.find_copies()
    run.apply_readings(readings)
    for number, spec in enumerate(recipe.signatures):
        run.develop(spec, portion(_STAGES.within(report, "signatures"), number, len(recipe.signatures),
                                  f"signature '{spec.id}'"))
    for number, spec in enumerate(recipe.models):
        run.models[spec.id] = build_model(recipe, spec, data, run.signatures, run.models, seed,
                                          portion(_STAGES.within(report, "models"), number, len(recipe.models),
                                                  f"model '{spec.id}'"))
    comparisons, apart = compare_models(recipe, list(run.models.values()), data)
    nested, permutations = run.controls(options)
    exports = tuple(export_model(recipe, spec, run.models[spec.id], run.signatures, data) for spec in recipe.models)
    report(1.0, "all numbers computed")
    groups = [item.name for item in data.cohorts]
    found = outcome.StudyOutcome(
        recipe={"id": recipe.id, "title": recipe.title, "version": recipe.version, "hash": recipe.hash,
                "citation": recipe.citation, "doi": recipe.doi, "population": recipe.population,
                "protocol": recipe.protocol},
        data={**(source or {}), "rows": len(data.table)}, seed=seed,
        software=software_versions("pandas", "scikit-learn"), cohorts=data.cohorts,
        characteristics=run.characteristics(groups),
        endpoints=tuple(summarise_endpoint(endpoint, data.endpoints[endpoint.id], data.cohort, groups)
                        for endpoint in recipe.endpoints),
        reproducibility=run.reproducibility, signatures=tuple(run.signatures.values()),
        models=tuple(export.outcome for export in exports), comparisons=tuple(comparisons), nested=tuple(nested),
        permutations=tuple(permutations), findings=(*data.findings, *run.findings, *run.doubts(), *apart))
    return Study(found, exports, run.scores())


class _Run:
    """A run in progress: what has been made and found so far."""

    def __init__(self, recipe: Recipe, data: StudyData, seed: int, report: Progress):
        self.recipe, self.data, self.seed, self.report = recipe, data, seed, report
        self.reproducibility: outcome.Reproducibility | None = None
        self.signatures: dict[str, outcome.SignatureOutcome] = {}
        self.models: dict[str, Built] = {}
        self.findings: list[str] = []
        self._training: dict[str, tuple[Training, np.ndarray]] = {}

    def apply_readings(self, readings: pd.DataFrame | None) -> None:
        """Compute the reproducibility of every candidate column, or note that it is not filtered."""
        rule = self.recipe.reproducibility
        if rule is None and readings is not None:
            self.findings.append("Readings were given, but the recipe has no reproducibility filter; they are unused.")
        if rule is not None and readings is None:
            self.findings.append(f"No readings were given: the recipe's reproducibility filter ({rule.form} >= "
                                 f"{rule.threshold:g}) was not applied.")
        if rule is None or readings is None:
            return
        if self.recipe.protocol:
            check_protocol(readings, self.recipe.protocol, f"recipe '{self.recipe.id}' (readings)")
        self.report(0.0, "reproducibility of the features")
        self.reproducibility = reproducible_features(readings, self._columns(), rule)

    def find_copies(self) -> None:
        """Note rows of different cohorts with the same value of every feature: probably one patient twice.

        Raises CohortError for features that are no numbers, in whatever cohort.
        """
        columns, data = self._columns(), self.data
        numeric_columns(data.table, columns)
        copies = data.table.duplicated(columns, keep=False).to_numpy() if columns else np.zeros(len(data.table), bool)
        for _, rows in data.table[copies].groupby(columns, dropna=False).indices.items() if copies.any() else ():
            rows = np.flatnonzero(copies)[rows]
            if len(set(data.cohort[rows])) > 1:
                self.findings.append(f"Cases {', '.join(data.cases[rows])} of cohorts {', '.join(data.cohort[rows])} "
                                     "have the same value of every feature: is this one patient under several names?")

    def doubts(self) -> list[str]:
        """Return what makes intervals or fits doubtful: VOIs of one patient, few events per coefficient, gaps."""
        found, data = [], self.data
        if len(set(data.patients)) < len(data.patients):
            found.append(f"{len(data.patients)} VOIs are of {len(set(data.patients))} patients: tests, intervals and "
                         "resampling take VOIs of a patient for independent, which makes them too sure.")
        for built in self.models.values():
            made = built.outcome
            if made.fit is None:
                continue
            events = made.fit.events if isinstance(made.fit, CoxModel) else min(
                made.fit.positive, made.fit.n - made.fit.positive)
            if events < _EVENTS_PER_TERM * len(made.fit.terms):
                found.append(f"Model '{made.id}': {events} events for {len(made.fit.terms)} coefficients, fewer than "
                             f"{_EVENTS_PER_TERM} each.")
            training = made.cohorts[0]
            if training.excluded > _GAPS * (training.n + training.excluded):
                found.append(f"Model '{made.id}' leaves out {training.excluded} of {training.n + training.excluded} "
                             "training rows for a missing value.")
        return found

    def _columns(self) -> list[str]:
        """Return the columns of all features that a signature starts from."""
        columns: dict[str, None] = {}
        for spec in self.recipe.signatures:
            if not spec.features.signature:
                names = candidate_features(self.recipe, spec, self.data.table, {})
                columns |= dict.fromkeys(column_of(self.recipe, spec, name) for name in names)
        return list(columns)

    def develop(self, spec: SignatureSpec, progress: Progress | None) -> None:
        """Make one signature from the training rows that have its endpoint."""
        source = self.signatures.get(spec.features.signature)
        if source is not None and source.reason:
            self.signatures[spec.id] = outcome.SignatureOutcome(
                spec.id, spec.title, spec.endpoint, (), None, None, 0.0, (),
                f"Its features are those of signature '{source.id}', which does not exist: {source.reason}")
            return
        training, rows = self._training_of(spec)
        self.signatures[spec.id] = made = develop(self.recipe, spec, training, self._reproducible(spec), self.seed,
                                                  progress)
        self._training[spec.id] = training, rows
        if made.reason:
            self.findings.append(f"Signature '{spec.id}': {made.reason}")
        if made.penalised and made.penalised.used_rule != made.penalised.rule:
            self.findings.append(f"Signature '{spec.id}': {made.penalised.text}")

    def _training_of(self, spec: SignatureSpec) -> tuple[Training, np.ndarray]:
        seen = self.data.endpoints[spec.endpoint]
        rows = self.data.training & seen.known
        names = candidate_features(self.recipe, spec, self.data.table, self.signatures)
        part = self.data.table[rows]
        x = numeric_columns(part, [column_of(self.recipe, spec, name) for name in names])
        folds = None
        if spec.penalised and spec.penalised.fold_column:
            folds = fold_column(part, spec.penalised.fold_column)
        return Training(x, names, seen.rows(rows), self.data.patients[rows], folds), rows

    def _reproducible(self, spec: SignatureSpec) -> tuple[str, ...] | None:
        if self.reproducibility is None or spec.features.signature:
            return None
        prefix = column_of(self.recipe, spec, "")
        return tuple(name.removeprefix(prefix) for name in self.reproducibility.kept if name.startswith(prefix))

    def controls(self, options: Options) -> tuple[list[outcome.NestedResampling], list[outcome.PermutationControl]]:
        """Run nested resampling and permutations of every signature, where asked for."""
        nested, permutations = [], []
        for spec in self.recipe.signatures:
            if spec.id not in self._training:
                continue
            training, rows = self._training[spec.id]
            # Two controls of every signature follow each other.
            controls = portion(_STAGES.within(self.report, "controls"), self.recipe.signatures.index(spec),
                               len(self.recipe.signatures))
            if options.nested and spec.features.signature:
                self.findings.append(f"Nested resampling of signature '{spec.id}' starts from the features that "
                                     f"'{spec.features.signature}' selected in all training rows; that selection is "
                                     "not resampled.")
            if options.nested:
                nested.append(nested_resampling(self.recipe, spec, training, self.data.table[rows],
                                                self._reproducible(spec), self.seed,
                                                portion(controls, 0, 2, "nested resampling")))
            if options.permutations:
                unseen = self._validation_rows(spec)
                if unseen is None:
                    self.findings.append(f"No permutation control of signature '{spec.id}': no validation cohort holds "
                                         "both rows with and without its event.")
                    continue
                permutations.append(permutation_control(
                    self.recipe, spec, training, self._reproducible(spec), unseen, self.signatures[spec.id],
                    options.permutations, self.seed, portion(controls, 1, 2, "permutations")))
        return nested, permutations

    def _validation_rows(self, spec: SignatureSpec) -> tuple[str, pd.DataFrame, Any] | None:
        """Return the first validation cohort in which the signature's endpoint can be discriminated."""
        seen = self.data.endpoints[spec.endpoint]
        for cohort in self.data.cohorts[1:]:
            rows = self.data.in_cohort(cohort.name) & seen.known
            part = seen.rows(rows)
            enough = len(part.known) > 2 and part.positive.any() and (seen.outcome is None or not part.positive.all())
            if enough:
                return cohort.name, self.data.table[rows], part
        return None

    def characteristics(self, groups: list[str]) -> CharacteristicsTable | None:
        """Return covariates and signature scores compared between the cohorts ``groups``."""
        made = [item for item in self.signatures.values() if item.terms]
        values = {**self.data.covariates, **{item.id: scores_of(self.recipe, item, self.data.table) for item in made}}
        shown = [*self.recipe.covariates, *(Covariate(item.id, item.title, "continuous") for item in made)]
        return characteristics(shown, values, self.data.cohort, groups)

    def scores(self) -> pd.DataFrame:
        """Return case, patient, cohort, and every signature's score and model's linear predictor by row."""
        data = self.data
        columns: dict[str, Any] = {"case": data.cases, "patient": data.patients, "cohort": data.cohort}
        for made in self.signatures.values():
            if made.terms:
                columns[f"score {made.id}"] = scores_of(self.recipe, made, data.table)
        for built in self.models.values():
            if built.fitted is not None:
                columns[f"linear predictor {built.outcome.id}"] = built.linear_predictor
        return pd.DataFrame(columns)
