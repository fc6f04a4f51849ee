"""Files of a reading study that have not changed are not read again; those that have are."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from reading_cases import mask_of, small_study

from RadiomicsPrognosisLib.reading import folder as folder_module
from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.reading import Reading, ReadingState
from RadiomicsPrognosisLib.reading.schedule import cases_of

DONE, OPEN = ReadingState.DONE, ReadingState.OPEN


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    return small_study(tmp_path / "study")


def read_case(study: StudyFolder, case: str, reader: str = "Anna", session: str = "first", sitting: str = "here",
              shrink: int = 0) -> Reading:
    """Contour a case, done in 12.5 s, and return the reading."""
    begun = study.begin(study.reading(case, reader, session), sitting)
    return study.save(replace(begun, state=DONE, seconds=12.5), mask_of(study, case, shrink), sitting)


def test_files_that_have_not_changed_are_not_read_again(study: StudyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    case = cases_of(study.design, "Anna", "first")[0]
    read_case(study, case)
    reading = study.reading(case, "Anna", "first")
    old = time.time() - 60
    record = reading.path.with_name(reading.path.name.replace(".seg.nrrd", ".json"))
    count = []
    real = folder_module.sha256_file
    monkeypatch.setattr(folder_module, "sha256_file", lambda path: count.append(path) or real(path))
    monkeypatch.setattr(folder_module, "_TICK_NS", -1)  # as if they were written long ago
    assert study.reading(case, "Anna", "first") == study.reading(case, "Anna", "first") == reading and len(count) == 1
    reading.path.write_bytes(b"tampered with")
    os.utime(reading.path, (old, old))
    assert "was changed" in study.reading(case, "Anna", "first").problem
    assert StudyFolder.open(study.path).reading(case, "Anna", "first") == study.reading(case, "Anna", "first")
    record.unlink()
    assert study.reading(case, "Anna", "first").state is OPEN


def test_images_looked_at_ahead_are_not_hashed_for_the_table(study: StudyFolder,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    read_case(study, cases_of(study.design, "Anna", "first")[0])
    study.check_images()
    monkeypatch.setattr(folder_module, "file_hash", lambda path: pytest.fail(f"{path} is hashed again"))
    assert study.write_cohort().is_file()
