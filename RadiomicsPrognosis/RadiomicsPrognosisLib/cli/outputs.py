"""What the scoring commands put out: files in a folder, and a prediction as text."""

from __future__ import annotations

import sys
from pathlib import Path

from ..errors import PackageMissing
from ..export import write_features
from ..files import write_json
from ..models.model import Model
from ..models.predictors import SCORE
from ..prediction import Prediction
from ..report import write_report
from ..stability.record import Stability
from ..voi import Voi

#: A scored case's result.
PREDICTION_FILE = "prediction.json"


def write_outputs(folder: Path, prediction: Prediction, model: Model, vois: dict[str, Voi],
                  stability: Stability | None = None) -> list[Path]:
    """Write prediction, features and report into ``folder`` and return their paths.

    With ``stability`` the report has a section on how stable the answer is. The report needs packages that scoring does
    not; without them the rest is written and stderr says what is missing.
    """
    written = [folder / PREDICTION_FILE, write_features(folder / "features.csv", prediction)]
    write_json(written[0], prediction.to_dict())
    try:
        written += write_report(prediction, model, folder, vois, stability=stability).written
    except PackageMissing as error:
        print(f"radiomics-prognosis: no report was written. {error}", file=sys.stderr)
    return written


def prediction_text(prediction: Prediction) -> str:
    """Return a prediction as lines a person reads, warnings and what is withheld included."""
    model = prediction.model
    lines = [f"{model.id} {model.version}: {model.title}"]
    for name, voi in prediction.vois.items():
        lines.append(f"  VOI ({name}): {voi.segment}, kept {voi.kept_voxels} of {voi.contoured_voxels} voxels "
                     f"({1 - voi.removed_share:.1%}), {voi.kept_volume_mm3 / 1000:.1f} cm3")
        if voi.resampled_removed_share:
            lines.append(f"    HU range on the resampled grid: kept {voi.feature_voxels} voxels "
                         f"({1 - voi.resampled_removed_share:.1%})")
    if prediction.score is not None:
        lines.append(f"  {model.score_name}: {prediction.score:.4f}")
    if prediction.group is not None:
        on = "" if prediction.cutoff_on == SCORE else f"{prediction.cutoff_on}, "
        lines.append(f"  Group: {prediction.group.label} ({on}cut-off {prediction.cutoff:g}, distance "
                     f"{prediction.distance:+.4f})")
    if prediction.probability is not None:
        lines.append(f"  Probability of {prediction.outcome}: {prediction.probability:.1%}")
    if prediction.survival is not None:
        shares = ", ".join(f"{months:g} months {share:.1%}" for months, share in prediction.survival.by_horizon())
        lines.append(f"  {model.endpoint} ({model.provenance['survival']}): {shares}")
    lines += [f"  No {item.component}: {item.reason}" for item in prediction.withheld]
    lines += [f"  Warning: {item.message}" for item in prediction.warnings]
    scaling = prediction.scaling
    scaled = f"scaling {scaling.name} ({scaling.cases} cases)" if scaling else "raw features"
    lines.append(f"  Made with protocol {prediction.protocol.id} ({prediction.protocol.hash[:12]}), {scaled}, "
                 f"{prediction.engine.name} {prediction.engine.version}.")
    lines.append(f"  {model.intended_use}")
    return "\n".join(lines)
