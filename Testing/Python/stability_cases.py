"""An answer's stability, made by hand around a prediction at once, and a program that stands for the command."""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.command_messages import StabilitySummary, to_line
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.stability.record import (
    KINDS,
    Failure,
    FeatureBlame,
    GroupStability,
    KindBlame,
    OutcomeSpread,
    Perturbation,
    ReadersAgreement,
    SettingsIdentity,
    Spread,
    Stability,
)

#: Limits of agreement of a reading study.
READERS = ReadersAgreement(comparison="reader A and reader B", source="reproducibility.json", pairs=30, bias=0.02,
                           sd=0.1, lower=-0.18, upper=0.22)


def spread(unperturbed: float, values: np.ndarray) -> Spread:
    """Return the spread of ``values`` (n,)."""
    lower, median, upper = np.percentile(values, (2.5, 50, 97.5))
    return Spread(unperturbed=unperturbed, median=float(median), lower=float(lower), upper=float(upper),
                  minimum=float(values.min()), maximum=float(values.max()), sd=float(values.std(ddof=1)))


def make_stability(prediction: Prediction, sd: float = 0.1, count: int = 50, failed: int = 0,
                   agreement: ReadersAgreement | None = None) -> Stability:
    """Return a result around ``prediction``, its scores normally distributed; the last ``failed`` gave no score."""
    generator = np.random.default_rng(7)
    shifts = generator.normal(0, sd, count - failed)
    scores, case = prediction.score + shifts, prediction.group
    distances = None if prediction.distance is None else prediction.distance + shifts
    above = [None] * len(scores) if distances is None else [bool(item >= 0) for item in distances]
    shares = () if prediction.survival is None else prediction.survival.by_horizon()
    outcomes = {months: np.clip(share - 0.1 * shifts, 0, 1) for months, share in shares}
    labels = {} if case is None else {case.above: case.label, not case.above: "the other group"}
    perturbations = [Perturbation(
        number=place + 1, parameters={"image": {"rotation": {"degrees": 3.0}}}, score=float(score), withheld=None,
        distance=None if distances is None else float(distances[place]), group=labels.get(above[place]),
        above=above[place], outcome=tuple(float(values[place]) for values in outcomes.values()), contributions=())
        for place, score in enumerate(scores)]
    perturbations += [Perturbation(
        number=len(scores) + place + 1, parameters={}, score=None, withheld="The contour is empty.", distance=None,
        group=None, above=None, outcome=(), contributions=()) for place in range(failed)]
    return Stability(
        unperturbed=prediction, settings=SettingsIdentity(
            id="zwanenburg-2019", title="Perturbations as published", hash="5" * 64, source="Sci Rep 2019; 9: 614",
            kinds=KINDS),
        seed=20190, count=count, scored=len(scores), perturbations=tuple(perturbations),
        score_spread=spread(prediction.score, scores),
        distances=None if distances is None else spread(prediction.distance, distances),
        group=None if case is None else _group(labels, case.above, above),
        outcomes=tuple(OutcomeSpread(months, spread(share, outcomes[months])) for months, share in shares),
        features=tuple(FeatureBlame(feature=item.feature, input=item.input, contribution=item.contribution, sd=0.03,
                                    share=share) for item, share in zip(prediction.contributions, (
                                        0.7, 0.45, -0.2, *[0.05 / max(len(prediction.contributions) - 3, 1)] * 99),
                                        strict=False)),
        kinds=tuple(KindBlame(kind=name, count=10, scores=tuple(map(float, scores[:10])), shift=0.01, sd=0.02,
                              share=share)
                    for name, share in zip(KINDS, (0.5, 0.3, 0.15, 0.05, None), strict=True)),
        failures=(Failure("The contour is empty.", failed),) if failed else (), method="Perturbed all at once.",
        warnings=prediction.warnings, agreement=agreement)


def _group(labels: dict[bool, str], side: bool, above: list[bool | None]) -> GroupStability:
    same = sum(item is side for item in above)
    return GroupStability(label=labels[side], other=labels[not side], count=len(above), same=same,
                          others=len(above) - same, share_other=1 - same / len(above),
                          sentence=f"{labels[side]} in {same} of {len(above)}")


def of_another_score(stability: Stability) -> Stability:
    """Return the result as another feature engine would give it."""
    return replace(stability, unperturbed=replace(stability.unperturbed, score=stability.unperturbed.score + 1e-4))


def answer_in_place_of_the_command(arguments: list[str]) -> None:
    """Do what ``stability`` does for a program, but make the result by hand around what ``score`` gives.

    Waits at a share of 0.5 while a file 'hold' lies in the working folder of the test, named in RP_HOLD.
    """
    options = dict(zip(arguments[1::2], arguments[2::2], strict=False))
    _say({"kind": "progress", "share": 0.0, "text": "reading"})
    own = {"--perturbations", "--seed", "--out", "--agreement", "--json-lines", "--end-with-input"}
    pairs = [(name, text) for name, text in zip(arguments[1::2], arguments[2::2], strict=False) if name not in own]
    scored = io.StringIO()
    with contextlib.redirect_stdout(scored):
        assert run(["score", *(text for pair in pairs for text in pair), "--json"]) == 0
    hold = Path(os.environ.get("RP_HOLD", "/absent"))
    _say({"kind": "progress", "share": 0.5, "text": "perturbing"})
    while hold.exists():
        ready, _, _ = select.select([sys.stdin], [], [], 0.02)
        if ready and not os.read(0, 1):
            _say({"kind": "cancelled"})
            return
    result = make_stability(Prediction.from_dict(json.loads(scored.getvalue())))
    path = Path(options["--out"]) / "stability.json"
    path.parent.mkdir()
    path.write_text(json.dumps(result.to_dict()), encoding="utf-8")
    print(to_line(StabilitySummary(model=result.unperturbed.model.id, group=None, perturbations=50, scored=50,
                                   agreeing=0, headline="", json=str(path), report=None)), flush=True)


def _say(message: dict[str, object]) -> None:
    print(json.dumps(message), flush=True)


#: The program that stands for the command line.
PROGRAM = (sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); "
           "from stability_cases import answer_in_place_of_the_command as answer; answer(sys.argv[1:])")
