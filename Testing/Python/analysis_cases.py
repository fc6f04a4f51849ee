"""Tables of repeated readings for the panel's tab Analyse: simulated features, and a small study with contours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from reading_cases import READERS, mask_of, small_study
from simulated_readings import Hand, simulated_contour

from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.reading import Reading, ReadingState

MODEL = "s2_escc_ln_response"

#: A usual value of each of the model's features and its SD between lesions, so that scores lie on both sides of the
#: cut-off.
_USUAL = {
    "original_shape_Sphericity": (0.7, 0.05), "original_glcm_InverseVariance": (0.42, 0.04),
    "original_firstorder_InterquartileRange": (30.0, 8.0), "original_firstorder_90Percentile": (45.0, 12.0),
    "original_firstorder_Kurtosis": (3.5, 0.8), "original_glrlm_ShortRunEmphasis": (0.88, 0.03),
    "original_glszm_LargeAreaHighGrayLevelEmphasis": (2e6, 5e5)}


def readings_table(folder: Path, cases: int = 20, readers: tuple[str, ...] = ("Ana", "Ben"),
                   sessions: tuple[str, ...] = ("1", "2"), seed: int = 11) -> Path:
    """Write features.csv: ``cases`` lesions read by each of ``readers`` in each of ``sessions``; return its path.

    Features repeat unevenly: within-lesion SDs run from a twentieth of the SD between lesions to as much as that.
    """
    generator = np.random.default_rng(seed)
    protocol = load_model(MODEL).protocol
    names = list(protocol.feature_names())
    usual = np.array([_USUAL.get(name, (10.0, 2.0)) for name in names])
    truth = usual[:, 0] + usual[:, 1] * generator.normal(size=(cases, len(names)))
    within = usual[:, 1] * np.geomspace(0.05, 1.0, len(names))[generator.permutation(len(names))]
    rows = []
    for case in range(cases):
        for reader in readers:
            for session in sessions:
                values = truth[case] + within * generator.normal(size=len(names))
                rows.append({"case": f"N{case + 1:02d}", "reader": reader, "session": session, "protocol": protocol.id,
                             "protocol_hash": protocol.hash, **dict(zip(names, values, strict=True))})
    path = folder / "features.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def read_case(study: StudyFolder, case: str, reader: str, session: str, seed: int = 0) -> Reading:
    """Contour a case, simulated from its lesion, and return the reading."""
    hand = Hand(sd_mm=0.5, offset_mm=0.3 * (reader == READERS[1]), length_mm=4.0)
    mask = simulated_contour(mask_of(study, case), hand, (len(case), sum(map(ord, case + reader + session)), seed))
    begun = study.begin(study.reading(case, reader, session), "here")
    return study.save(replace(begun, state=ReadingState.DONE, seconds=60.0), mask, "here")


def finished_study(folder: Path, count: int = 6) -> StudyFolder:
    """Set up a study of ``count`` small volumes, all read in both sessions by the first reader, once by the second."""
    study = small_study(folder, count, title="Nodes", reread=None)
    for reading in study.readings():
        read_case(study, reading.case, reading.reader, reading.session)
    return study
