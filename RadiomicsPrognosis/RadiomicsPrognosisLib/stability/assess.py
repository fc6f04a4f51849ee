"""How stable one answer is: perturb its lesions, predict again, sum up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError, UnstableAnswer
from ..features.engine import Engine
from ..models.model import Model
from ..models.predict import RowPredictions, predict_rows
from ..models.scaling import Scaling
from ..prediction import Prediction, score_vois
from ..prediction.record import SCORE
from ..progress import Progress, Stages, step
from ..voi.voi import Voi
from ..warning import ResultWarning
from .perturbing import Draw, Extracted, ReadyLesion, perturb, ready
from .processes import Crew, usable_cores
from .record import CONTOUR, KINDS, KindBlame, Perturbation, ReadersAgreement, Spread, Stability
from .settings import PerturbationSettings, load_settings
from .spreads import failures, features_to_blame, group_stability, kinds_to_blame, outcome_spreads, spread

#: Perturbations asked for when nobody says how many.
DEFAULT_COUNT = 50

#: Fewest perturbations that an interval of the central 95 % is taken from.
FEWEST = 10

#: A larger share without a score is warned of; a larger than the second leaves no answer at all.
_WARN_SHARE, _REFUSE_SHARE = 0.1, 0.5

_STAGES = Stages(unperturbed=2, perturbations=98)

#: Below this mean Dice coefficient with the contour as drawn, supervoxels are too coarse for a lesion: readers agree
#: better on one.
_COARSE_DICE = 0.8

#: Below this one, what is drawn along supervoxels has less in common with the lesion than not: it is another region.
_OTHER_DICE = 0.5

#: The group of tasks with every kind on; that of the kind number k alone is k + 1.
_TOGETHER = 0

METHOD = (
    "Each perturbation draws noise, a volume, a contour along supervoxels, a turn and a shift of the grid at once and "
    "extracts the features again; several inputs are perturbed independently. Intervals hold the central 95 % of the "
    "answers. A feature's share is the covariance of its contribution with the score over the score's variance. A "
    "kind's share is its mean squared change of the score when it is on alone, over the sum of all kinds: interactions "
    "between kinds belong to none.")


@dataclass(frozen=True)
class _Task:
    """A perturbation to draw, with only ``kinds`` on."""

    draw: Draw
    kinds: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Work:
    """What a task is done with; called with it in any process."""

    lesions: tuple[ReadyLesion, ...]
    engine: Engine | None

    def __call__(self, task: _Task) -> tuple[Extracted, ...]:
        return tuple(perturb(lesion, task.draw, task.kinds, self.engine) for lesion in self.lesions)


def assess_stability(vois: Mapping[str, Voi], model: Model, scaling: Scaling | None = None,
                     covariates: Mapping[str, Any] | None = None, *, settings: PerturbationSettings | None = None,
                     count: int = DEFAULT_COUNT, seed: int = 0, jobs: int | None = None, engine: Engine | None = None,
                     agreement: ReadersAgreement | None = None, progress: Progress | None = None) -> Stability:
    """Return how stable the answer of ``model`` on ``vois`` (by input name) is.

    The result depends on ``seed`` and not on ``jobs``, the number of processes (None: one for each core). Raises
    InputError for fewer than 10 perturbations, UnstableAnswer when the answer itself is withheld, more than half of
    the perturbations leave none, or supervoxels are too coarse to draw the lesion by, Cancelled when ``progress`` does,
    and what :func:`..prediction.score_vois` raises.
    """
    wanted = settings or load_settings()
    settings = wanted.for_features(model.image_protocol())
    if count < FEWEST or not 0 <= seed < 2**32 or (jobs is not None and jobs < 1):
        raise InputError(f"Ask for at least {FEWEST} perturbations, a seed from 0 to 4294967295, and at least one job; "
                         f"these are {count}, {seed} and {'all cores' if jobs is None else jobs}.")
    with Crew(min(jobs or usable_cores(), count), engine.name if engine is not None else "") as crew:
        prediction = score_vois(vois, model, scaling, covariates, engine, _STAGES.within(progress, "unperturbed"))
        if prediction.score is None:
            raise UnstableAnswer(f"There is no score to perturb. {prediction.why_withheld(SCORE)}")
        lesions = tuple(ready(vois[item.name], model.image_protocol(), settings, tuple(model.features(item.name)),
                              number) for number, item in enumerate(model.inputs))
        tasks = _tasks(settings, seed, count)
        extracted = _extract(_Work(lesions, engine), tasks, crew, _STAGES.within(progress, "perturbations"))
    rows = _predict(model, lesions, extracted, prediction, scaling)
    perturbations = tuple(_perturbation(number, model, extracted[number], rows, prediction) for number in range(count))
    alone = _alone(settings, tasks, rows, prediction.score)
    result = _summed_up(prediction, model, settings, seed, perturbations, rows.rows(np.arange(count)), alone,
                        _reasons(extracted[:count], rows.score[:count]), agreement)
    return replace(result, warnings=(*_left_out(wanted, settings), *result.warnings))


def _left_out(wanted: PerturbationSettings, settings: PerturbationSettings) -> tuple[ResultWarning, ...]:
    """Return the warning that not all kinds are on that were wanted, if so."""
    kinds = [kind for kind in wanted.kinds if kind not in settings.kinds]
    if not kinds:
        return ()
    return (ResultWarning("kinds-left-out", f"Without {' and '.join(kinds)}: the network's patch lies about the "
                          "contour wherever the grid does. What another position of the patient would change is not in "
                          "the spread."),)


def _tasks(settings: PerturbationSettings, seed: int, count: int) -> list[_Task]:
    """Return the tasks with every kind on, and where there are several kinds, those with each alone."""
    tasks = [_Task(Draw(seed, _TOGETHER, number, count), settings.kinds) for number in range(count)]
    if len(settings.kinds) > 1:
        tasks += [_Task(Draw(seed, KINDS.index(kind) + 1, number, settings.alone), (kind,)) for kind in settings.kinds
                  for number in range(settings.alone)]
    return tasks


def _extract(work: _Work, tasks: Sequence[_Task], crew: Crew, progress: Progress | None) -> list[tuple[Extracted, ...]]:
    """Return what each task extracted from each lesion, in the tasks' order."""
    step(progress, 0, len(tasks), "perturbations")
    results: dict[int, tuple[Extracted, ...]] = {}
    with closing(crew.run(work, tasks)) as running:
        for number, result in running:
            results[number] = result
            step(progress, len(results), len(tasks), f"perturbation {len(results)} of {len(tasks)}")
    return [results[number] for number in range(len(tasks))]


def _predict(model: Model, lesions: Sequence[ReadyLesion], extracted: Sequence[tuple[Extracted, ...]],
             prediction: Prediction, scaling: Scaling | None) -> RowPredictions:
    """Return the predictions of all tasks; a row whose extraction failed or lacks a value is NaN."""
    names = [item.name for item in model.inputs]
    raw = np.full((len(extracted), len(model.terms)), np.nan)
    for row, results in enumerate(extracted):
        values = {(name, feature): value for name, lesion, result in zip(names, lesions, results, strict=True)
                  if not result.problem for feature, value in zip(lesion.names, result.values, strict=True)}
        raw[row] = [_number(values.get((term.input, term.feature))) for term in model.terms]
    columns = {name: np.array([value] * len(extracted), dtype=object if isinstance(value, str) else float)
               for name, value in prediction.covariates.items()}
    with np.errstate(invalid="ignore"):
        return predict_rows(model, raw, columns, scaling)


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _perturbation(number: int, model: Model, extracted: tuple[Extracted, ...], rows: RowPredictions,
                  prediction: Prediction) -> Perturbation:
    """Return the record of the perturbation in row ``number``."""
    score, split_by = float(rows.score[number]), float(rows.split_by[number])
    scored = bool(np.isfinite(score))
    above = bool(model.cutoff.is_above(split_by)) if model.cutoff and np.isfinite(split_by) else None
    outcome = rows.rows(np.array([number])).outcome(model.horizons_months)
    known = scored and outcome is not None and (prediction.survival is not None or prediction.probability is not None)
    return Perturbation(
        number=number + 1,
        parameters={item.name: result.parameters for item, result in zip(model.inputs, extracted, strict=True)},
        score=score if scored else None,
        withheld=None if scored else _problem(extracted),
        distance=split_by - model.cutoff.value if model.cutoff and above is not None else None,
        group=model.cutoff.labels[above] if model.cutoff and above is not None else None,
        above=above,
        outcome=tuple(np.ravel(outcome).tolist()) if known and outcome is not None else (),
        contributions=tuple(rows.contributions[number].tolist()) if scored else ())


def _problem(extracted: tuple[Extracted, ...]) -> str:
    """Return in words why a perturbation gave no score."""
    problems = [result.problem for result in extracted if result.problem]
    return " ".join(dict.fromkeys(problems)) or ("A feature of the signature has no value for the perturbed contour, "
                                                 "or one too large to add up.")


def _reasons(extracted: Sequence[tuple[Extracted, ...]], scores: np.ndarray) -> list[str]:
    """Return, for each perturbation without a score, the reason as it is counted."""
    return [next((result.reason for result in results if result.problem), "a feature without a value")
            for results, score in zip(extracted, scores, strict=True) if not np.isfinite(score)]


def _alone(settings: PerturbationSettings, tasks: Sequence[_Task], rows: RowPredictions,
           unperturbed: float) -> tuple[KindBlame, ...]:
    """Return what each kind does alone, as far as it was tried; the only one that is on does everything."""
    alone = {task.kinds[0] for task in tasks if len(task.kinds) == 1}
    scores: dict[str, list[float | None]] = {kind: [] for kind in settings.kinds if kind in alone}
    for task, score in zip(tasks, rows.score.tolist(), strict=True):
        if len(task.kinds) == 1:
            scores[task.kinds[0]].append(score if np.isfinite(score) else None)
    return kinds_to_blame(scores, unperturbed)


def _summed_up(prediction: Prediction, model: Model, settings: PerturbationSettings, seed: int,
               perturbations: tuple[Perturbation, ...], rows: RowPredictions, kinds: tuple[KindBlame, ...],
               reasons: list[str], agreement: ReadersAgreement | None) -> Stability:
    """Return the result. Raises UnstableAnswer when too few perturbations gave a score, or of another region."""
    overlap = _overlap(perturbations)
    if overlap is not None and overlap < _OTHER_DICE:
        raise UnstableAnswer(f"The lesion is too small for its supervoxels: contours along them have a mean Dice of "
                             f"{overlap:.2f} with the one they replace, and are of another region. Leave out the kind "
                             "'contour', or give settings with a smaller 'supervoxel_mm3'.")
    usable = rows.rows(np.isfinite(rows.score))
    scored, count = len(usable.score), len(perturbations)
    causes = failures(reasons)
    if count - scored > _REFUSE_SHARE * count:
        why = "; ".join(f"{item.reason} ({item.count})" for item in causes)
        raise UnstableAnswer(f"Of {count} perturbations only {scored} gave a score: {why}. The lesion is too small for "
                             "changes of this size; its answer is not stable enough to say how stable it is.")
    distances = [item.distance for item in perturbations if item.distance is not None]
    scores = spread(usable.score, _known(prediction.score))
    outcomes = np.array([item.outcome for item in perturbations if item.outcome])
    return Stability(
        unperturbed=prediction, settings=settings.identity(), seed=seed, count=count, scored=scored,
        perturbations=perturbations, score_spread=scores,
        distances=spread(np.array(distances), _known(prediction.distance)) if distances else None,
        group=group_stability(prediction, model, perturbations),
        outcomes=outcome_spreads(prediction, outcomes) if outcomes.size else (),
        features=features_to_blame(prediction, usable), kinds=kinds, failures=causes, method=METHOD,
        warnings=(*_own_warnings(scores, perturbations), *prediction.warnings), agreement=agreement)


def _known(value: float | None) -> float:
    if value is None:
        raise ValueError("a perturbed answer has what the unperturbed one lacks")
    return value


def _overlap(perturbations: Sequence[Perturbation]) -> float | None:
    """Return the mean Dice of contours along supervoxels with those they replace, None where that kind is off."""
    overlaps = [kinds[CONTOUR]["dice"] for item in perturbations for kinds in item.parameters.values()
                if CONTOUR in kinds]
    return float(np.mean(overlaps)) if overlaps else None


def _own_warnings(scores: Spread, perturbations: Sequence[Perturbation]) -> list[ResultWarning]:
    count, warnings = len(perturbations), []
    scored = sum(item.score is not None for item in perturbations)
    if count - scored > _WARN_SHARE * count:
        warnings.append(ResultWarning("withheld-perturbations", f"{count - scored} of {count} perturbations gave no "
                                      "score; the spread is that of the others and may be too narrow."))
    if not scores.lower <= scores.unperturbed <= scores.upper:
        warnings.append(ResultWarning("displaced", "The score as drawn lies outside the interval of the perturbed "
                                      "ones: perturbing moves it to one side, and the share in a group is that of the "
                                      "moved scores, not of the answer as drawn."))
    overlap = _overlap(perturbations)
    if overlap is not None and overlap < _COARSE_DICE:
        warnings.append(ResultWarning("coarse-supervoxels", "The lesion is small for its supervoxels: contours along "
                                      f"them have a mean Dice of {overlap:.2f} with the one they replace, "
                                      "less than readers reach as a rule. The spread may be too wide; see it without "
                                      "the kind 'contour', too."))
    return warnings
