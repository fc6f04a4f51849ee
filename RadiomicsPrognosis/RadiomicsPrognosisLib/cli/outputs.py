"""What the scoring commands put out: files in a folder, and a prediction as text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from ..answer import Answer, answer_lines, answer_of
from ..errors import PackageMissing
from ..export import write_features
from ..files import write_json
from ..models.model import Model
from ..prediction import Prediction
from ..prediction.redaction import without_names
from ..report import write_report
from ..series.identity import NOBODY, Identity
from ..stability.record import Stability
from ..texts import percent
from ..voi import Voi
from ..voi.voi import identity_of_vois

#: Files of one prediction in its folder.
PREDICTION_FILE, FEATURES_FILE = "prediction.json", "features.csv"


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add the options on whose names the written files bear."""
    parser.add_argument("--anonymous", action="store_true",
                        help="leave patient and series out of every file: report, PDF, JSON, CSV, DICOM")
    parser.add_argument("--reader", default="", metavar="NAME", help="who drew the contour, for the report")


def write_outputs(folder: Path, prediction: Prediction, model: Model, vois: dict[str, Voi],
                  stability: Stability | None = None, anonymous: bool = False, reader: str = "") -> list[Path]:
    """Write prediction, features and report into ``folder`` and return their paths.

    The prediction's file holds its answer in words and, unless ``anonymous``, whose image it was. With ``stability``
    the report has a section on how stable the answer is; ``reader`` is who drew the contour. A model of covariates
    alone has no features. The report needs packages that scoring does not; without them the rest is written and stderr
    says what is missing.
    """
    identity = identity_of_vois(vois)
    if anonymous:
        prediction, identity, reader = without_names(prediction, identity), NOBODY, ""
    written = [folder / PREDICTION_FILE]
    if not model.is_clinical:
        written.append(write_features(folder / FEATURES_FILE, prediction))
    write_json(written[0], prediction_file(prediction, answer_of(prediction, model, stability), identity))
    patient = {**identity.patient(), **({"reader": reader} if reader else {})}
    try:
        written += write_report(prediction, model, folder, vois, patient, stability=stability, anonymous=anonymous,
                                created=datetime.now()).written
    except PackageMissing as error:
        print(f"radiomics-prognosis: no report was written. {error}", file=sys.stderr)
    return written


def prediction_file(prediction: Prediction, answer: Answer, identity: Identity = NOBODY) -> dict[str, object]:
    """Return what the file of a prediction holds: its numbers, its answer in words, and what is stated of whose it is.

    ``Prediction.from_dict`` reads the numbers back.
    """
    stated = {name: value for name, value in asdict(identity).items() if value}
    return {**prediction.to_dict(), "answer": answer.to_dict(), **({"identity": stated} if stated else {})}


def prediction_text(prediction: Prediction, model: Model | None = None, stability: Stability | None = None) -> str:
    """Return a prediction as lines a person reads: the answer, what limits it, and what it was made with."""
    answer = answer_of(prediction, model, stability)
    own = prediction.model
    lines = [f"{own.id} {own.version}: {own.title}", *(f"  {line}" for line in answer_lines(answer))]
    for name, voi in prediction.vois.items():
        kept = f"{voi.kept_voxels} of {voi.contoured_voxels} voxels kept"
        removed = f" ({percent(voi.removed_share)} outside the HU range)" if voi.removed_share else ""
        lines.append(f"  Contour ({name}): {voi.segment}, {voi.kept_volume_mm3 / 1000:.1f} cm3, {kept}{removed}")
        if voi.resampled_removed_share:
            lines.append(f"    HU range on the resampled grid: {voi.feature_voxels} voxels kept")
    lines += [f"  {title}: {value}" for title, value in answer.covariates]
    lines += [f"  {line}." for line in answer.provenance]
    lines.append(f"  {answer.use}")
    return "\n".join(lines)


def report_line(written: Sequence[Path]) -> str:
    """Return the line that says where the report is, led by a line's end; empty where no file was written."""
    report = next((path for path in written if path.suffix == ".html"), None)
    return "" if not written else f"\n  Report: {report or 'not written'}"
