"""Run a recipe on a cohort: split, reproducibility, signatures, models, comparisons and controls, to a Study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..characteristics import characteristics
from ..cohort.columns import check_protocol, numeric_columns
from ..cohort.inputs import join_inputs
from ..cohort.patients import clustered_sentence
from ..models.covariates import CONTINUOUS, Covariate
from ..prediction.predict import software_versions
from ..progress import Progress, Stages, portion, step
from ..reading.filtering import filter_of_table, is_filter_table, reproducible_features, rule_notes
from ..reading.rule import Reproducibility, SourceTable
from .output.model_file import store_model
from .output.study_folder import Study
from .recipe.recipe import ModelSpec, Recipe, SignatureSpec
from .results.signatures import NestedResampling, PermutationControl, SignatureResult
from .results.study import StudyResult
from .rows.data import StudyData, fold_column, inputs_of, patient_data, prepare, summarise_endpoint
from .steps.candidates import Training, candidate_features
from .steps.comparison import compare_models
from .steps.description import by_outcome, univariable
from .steps.modelling import BuiltModel, build_model
from .steps.resampling import UnseenRows, nested_resampling, permutation_control
from .steps.signature import Pipeline, scores_of

#: Events a coefficient should have (Peduzzi et al., J Clin Epidemiol 1996;49:1373), and the share of rows left out for
#: a missing value, from which on a model is remarked on.
_EVENTS_PER_TERM, _GAPS = 10, 0.1

#: How long the stages of a run take in proportion to each other; the controls are nested resampling and permutations.
_STAGES = Stages(signatures=5, models=4, controls=1)


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
    seed = recipe.seed if options.seed is None else options.seed
    run = _Run(recipe, prepare(recipe, table, seed), seed, progress)
    run.find_copies()
    run.apply_readings(readings, source or {})
    run.develop_signatures()
    run.build_models()
    comparisons, uncompared = compare_models(recipe, list(run.models.values()), run.compared_rows())
    nested, permutations = run.controls(options)
    stored = tuple(store_model(recipe, spec, run.models[spec.id], run.signatures, run.rows[spec.id])
                   for spec in recipe.models)
    step(progress, 1, 1, "all numbers computed")
    groups = [item.name for item in run.data.cohorts]
    shown, values = run.described()
    observed = [(endpoint, run.data.endpoints[endpoint.id]) for endpoint in recipe.endpoints]
    result = StudyResult(
        recipe={"id": recipe.id, "title": recipe.title, "version": recipe.version, "hash": recipe.hash,
                "citation": recipe.citation, "doi": recipe.doi, "population": recipe.population,
                "protocol": recipe.protocol_name},
        data={**(source or {}), "rows": len(run.data.table)}, seed=seed,
        software=software_versions("pandas", "scikit-learn"), cohorts=run.data.cohorts,
        characteristics=characteristics(shown, values, run.data.cohort, groups, "cohort", run.data.patients),
        by_outcome=by_outcome(observed, shown, values, run.data.cohort, groups, run.data.patients),
        univariable=univariable(observed, run.data.described, values, run.data.cohort, groups),
        endpoints=tuple(summarise_endpoint(endpoint, known, run.data.cohort, groups) for endpoint, known in observed),
        reproducibility=run.reproducibility, signatures=tuple(run.signatures.values()),
        models=tuple(item.result for item in stored), comparisons=tuple(comparisons), nested=tuple(nested),
        permutations=tuple(permutations),
        findings=(*run.data.findings, *run.joined(), *run.findings, *run.limitations(), *uncompared))
    return Study(result, stored, run.scores())


class _Run:
    """A run in progress: signatures, models and findings as they come."""

    def __init__(self, recipe: Recipe, data: StudyData, seed: int, progress: Progress | None):
        self.recipe, self.data, self.seed, self._progress = recipe, data, seed, progress
        self.reproducibility: Reproducibility | None = None
        self.signatures: dict[str, SignatureResult] = {}
        self.models: dict[str, BuiltModel] = {}
        self.rows: dict[str, StudyData] = {}
        self.findings: list[str] = []
        self._training: dict[str, tuple[Training, np.ndarray]] = {}

    def apply_readings(self, readings: pd.DataFrame | None, source: Mapping[str, Any]) -> None:
        """Compute the reproducibility of every candidate column, take it from a filter's table, or note that there is
        none; ``source`` names the tables' files."""
        rule = self.recipe.reproducibility
        if readings is not None and is_filter_table(readings):
            self._apply_filter_table(readings, source)
            return
        if rule is None and readings is not None:
            self.findings.append("Readings were given, but the recipe has no reproducibility filter; they are unused.")
        if rule is not None and readings is None:
            self.findings.append(f"No readings were given: the recipe's reproducibility filter ({rule.form} >= "
                                 f"{rule.threshold:g}) was not applied.")
        if rule is None or readings is None:
            return
        readings, _ = join_inputs(readings, inputs_of(self.recipe, "readings"))
        if self.recipe.protocol:
            check_protocol(readings, self.recipe.protocol, f"recipe '{self.recipe.id}' (readings)")
        step(self._progress, 0, 1, "reproducibility of the features")
        self.reproducibility = reproducible_features(readings, self._columns(), rule)

    def _apply_filter_table(self, table: pd.DataFrame, source: Mapping[str, Any]) -> None:
        """Keep exactly the features that the table of a filter keeps, and note where the recipe has another rule."""
        file = SourceTable(**source.get("readings", {"file": "readings", "sha256": ""}))
        self.reproducibility = filter_of_table(table, self._columns(), file, self.recipe.protocol)
        self.findings += rule_notes(self.reproducibility, self.recipe.reproducibility)

    def find_copies(self) -> None:
        """Note rows of different cohorts with the same value of every feature: probably one patient twice.

        Raises CohortError for features that are no numbers, in whatever cohort.
        """
        columns, data = self._columns(), self.data
        numeric_columns(data.table, columns)
        copies = data.table.duplicated(columns, keep=False).to_numpy() if columns else np.zeros(len(data.table), bool)
        if not copies.any():
            return
        for _, members in data.table[copies].groupby(columns, dropna=False).indices.items():
            rows = np.flatnonzero(copies)[members]
            if len(set(data.cohort[rows])) > 1:
                self.findings.append(f"Cases {', '.join(data.cases[rows])} of cohorts {', '.join(data.cohort[rows])} "
                                     "have the same value of every feature: is this one patient under several names?")

    def limitations(self) -> list[str]:
        """Return what makes intervals or fits doubtful: what stands in for a fit that is impossible, VOIs of one
        patient, few events per coefficient, gaps."""
        sentences = []
        sentences += [f"Signature '{item.id}': {item.note}" for item in self.signatures.values() if item.note]
        sentences += [f"Model '{item.result.id}': {item.result.note}" for item in self.models.values()
                      if item.result.note]
        if len(set(self.data.patients)) < len(self.data.patients):
            sentences.append(clustered_sentence(self.data.patients))
        for model in (built.result for built in self.models.values()):
            if model.fit is None:
                continue
            if model.fit.limiting_events < _EVENTS_PER_TERM * len(model.fit.terms):
                sentences.append(f"Model '{model.id}': {model.fit.limiting_events} events for {len(model.fit.terms)} "
                                 f"coefficients, fewer than {_EVENTS_PER_TERM} each.")
            training = model.cohorts[0]
            if training.excluded > _GAPS * (training.n + training.excluded):
                sentences.append(f"Model '{model.id}' leaves out {training.excluded} of "
                                 f"{training.n + training.excluded} training rows for a missing value.")
        return sentences

    def _columns(self) -> list[str]:
        """Return the columns of all features that a signature starts from."""
        columns: dict[str, None] = {}
        for spec in self.recipe.signatures:
            if not spec.features.signature:
                names = candidate_features(self.recipe, spec, self.data.table, {})
                columns |= dict.fromkeys(self.recipe.column_of(spec, name) for name in names)
        return list(columns)

    def develop_signatures(self) -> None:
        """Make the signatures, each from the training rows that have its endpoint."""
        for number, spec in enumerate(self.recipe.signatures):
            self._develop(spec, portion(_STAGES.within(self._progress, "signatures"), number,
                                        len(self.recipe.signatures), f"signature '{spec.id}'"))

    def _develop(self, spec: SignatureSpec, progress: Progress | None) -> None:
        source = self.signatures.get(spec.features.signature)
        if source is not None and source.reason:
            self.signatures[spec.id] = SignatureResult(
                id=spec.id, title=spec.title, endpoint=spec.endpoint,
                reason=f"Its features are those of signature '{source.id}', which does not exist: {source.reason}")
            return
        training, rows = self._training_of(spec)
        signature = self._pipeline(spec).develop(training, progress)
        self.signatures[spec.id], self._training[spec.id] = signature, (training, rows)
        if signature.reason:
            self.findings.append(f"Signature '{spec.id}': {signature.reason}")
        if signature.penalised and signature.penalised.used_rule != signature.penalised.rule:
            self.findings.append(f"Signature '{spec.id}': {signature.penalised.text}")

    def _training_of(self, spec: SignatureSpec) -> tuple[Training, np.ndarray]:
        observed, rows = self.data.endpoints[spec.endpoint], self.data.training_rows(spec.endpoint)
        names = candidate_features(self.recipe, spec, self.data.table, self.signatures)
        table = self.data.table[rows]
        x = numeric_columns(table, [self.recipe.column_of(spec, name) for name in names])
        folds = None
        if spec.penalised and spec.penalised.fold_column:
            folds = fold_column(table, spec.penalised.fold_column)
        return Training(x, names, observed.rows(rows), self.data.patients[rows], folds), rows

    def _pipeline(self, spec: SignatureSpec) -> Pipeline:
        """Return how the signature is developed; features that an earlier one selected are not filtered again."""
        reproducible = None
        if self.reproducibility is not None and not spec.features.signature:
            prefix = self.recipe.column_of(spec, "")
            reproducible = tuple(name.removeprefix(prefix) for name in self.reproducibility.kept
                                 if name.startswith(prefix))
        return Pipeline(self.recipe, spec, reproducible, self.seed)

    def build_models(self) -> None:
        """Fit and measure the models, in the recipe's order."""
        for number, spec in enumerate(self.recipe.models):
            self.rows[spec.id] = patient_data(self.recipe, self.data, self._highest(spec))
            self.models[spec.id] = build_model(
                self.recipe, spec, self.rows[spec.id], self.signatures, self.models, self.seed,
                portion(_STAGES.within(self._progress, "models"), number, len(self.recipe.models),
                        f"model '{spec.id}'"))

    def compared_rows(self) -> StudyData:
        """Return the rows that the models were measured in: patients' outcomes are the same whichever VOI stands for
        them."""
        return next(iter(self.rows.values()), self.data)

    def joined(self) -> list[str]:
        """Return what was joined for the models alone, to one row per patient."""
        return list(dict.fromkeys(text for data in self.rows.values() if data is not self.data
                                  for text in data.findings))

    def _highest(self, spec: ModelSpec) -> np.ndarray | None:
        """Return the scores (n,) by which a patient's VOI is chosen: those of the model's signature, None without."""
        own = [self.signatures[name] for name in spec.signatures if self.signatures[name].terms]
        return scores_of(self.recipe, own[0], self.data.table) if own else None

    def controls(self, options: Options) -> tuple[list[NestedResampling], list[PermutationControl]]:
        """Run nested resampling and permutations of every signature, where asked for."""
        nested: list[NestedResampling] = []
        permutations: list[PermutationControl] = []
        for number, spec in enumerate(self.recipe.signatures):
            if spec.id not in self._training:
                continue
            controls = portion(_STAGES.within(self._progress, "controls"), number, len(self.recipe.signatures))
            if options.nested:
                nested.append(self._resample(spec, portion(controls, 0, 2, "nested resampling")))
            if options.permutations:
                control = self._permute(spec, options.permutations, portion(controls, 1, 2, "permutations"))
                permutations += [control] if control else []
        return nested, permutations

    def _resample(self, spec: SignatureSpec, progress: Progress | None) -> NestedResampling:
        if spec.features.signature:
            self.findings.append(f"Nested resampling of signature '{spec.id}' starts from the features that "
                                 f"'{spec.features.signature}' selected in all training rows; that selection is not "
                                 "resampled.")
        training, rows = self._training[spec.id]
        return nested_resampling(self._pipeline(spec), training, self.data.table[rows], progress)

    def _permute(self, spec: SignatureSpec, permutations: int, progress: Progress | None) -> PermutationControl | None:
        unseen = self._validation_rows(spec)
        if unseen is None:
            self.findings.append(f"No permutation control of signature '{spec.id}': no validation cohort holds both "
                                 "rows with and without its event.")
            return None
        return permutation_control(self._pipeline(spec), self._training[spec.id][0], unseen, self.signatures[spec.id],
                                   permutations, progress)

    def _validation_rows(self, spec: SignatureSpec) -> UnseenRows | None:
        """Return the rows of the first validation cohort in which the signature's endpoint can be discriminated."""
        observed = self.data.endpoints[spec.endpoint]
        for cohort in self.data.cohorts[1:]:
            rows = self.data.in_cohort(cohort.name) & observed.known
            unseen = UnseenRows(cohort.name, self.data.table[rows], observed.rows(rows))
            if unseen.observed.can_be_discriminated:
                return unseen
        return None

    def described(self) -> tuple[list[Covariate], dict[str, np.ndarray]]:
        """Return covariates and signature scores, and their values (n,) by name, that describe the rows."""
        selected = [item for item in self.signatures.values() if item.terms]
        values = {**self.data.covariates,
                  **{item.id: scores_of(self.recipe, item, self.data.table) for item in selected}}
        return [*self.data.described,
                *(Covariate(name=item.id, title=item.title, kind=CONTINUOUS) for item in selected)], values

    def scores(self) -> pd.DataFrame:
        """Return case, patient, cohort, and every signature's score and model's linear predictor by row."""
        data = self.data
        columns: dict[str, Any] = {"case": data.cases, "patient": data.patients, "cohort": data.cohort}
        for signature in self.signatures.values():
            if signature.terms:
                columns[f"score {signature.id}"] = scores_of(self.recipe, signature, data.table)
        for built in self.models.values():
            if built.scored is not None:
                of_patient = dict(zip(self.rows[built.result.id].patients, built.scored.linear_predictor, strict=True))
                own = len(built.scored.linear_predictor) == len(data.table)
                columns[f"linear predictor {built.result.id}"] = built.scored.linear_predictor if own else [
                    of_patient[patient] for patient in data.patients]
        return pd.DataFrame(columns)
