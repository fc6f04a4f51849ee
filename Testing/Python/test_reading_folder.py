"""The folder of a reading study: several readers at once, crashes, damage, what the headless commands read of it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from reading_cases import mask_of, small_image, small_study, write_volumes

from RadiomicsPrognosisLib.cohort.table import read_cohort
from RadiomicsPrognosisLib.contract import write
from RadiomicsPrognosisLib.errors import CohortError, FileError, GeometryMismatch, SchemaError
from RadiomicsPrognosisLib.files import read_json, write_json
from RadiomicsPrognosisLib.reading import folder as folder_module
from RadiomicsPrognosisLib.reading.cohort_intake import cohort_sources
from RadiomicsPrognosisLib.reading.contour_file import write_contour
from RadiomicsPrognosisLib.reading.design import ExistingContour
from RadiomicsPrognosisLib.reading.folder import DESIGN_FILE, StudyFolder
from RadiomicsPrognosisLib.reading.identity import file_hash, image_hash
from RadiomicsPrognosisLib.reading.intake import Stand, folder_sources, take_cases
from RadiomicsPrognosisLib.reading.reading import Reading, ReadingState
from RadiomicsPrognosisLib.reading.schedule import cases_of
from RadiomicsPrognosisLib.reading.snapshot import restore, snapshot
from RadiomicsPrognosisLib.reading.stopwatch import Stopwatch
from RadiomicsPrognosisLib.voi.grid import Grid, place
from RadiomicsPrognosisLib.voi.images import inside
from RadiomicsPrognosisLib.voi.segments import read_mask

DONE, OPEN, PLANNED, SKIPPED = (ReadingState.DONE, ReadingState.OPEN, ReadingState.PLANNED, ReadingState.SKIPPED)


def read_case(study: StudyFolder, case: str, reader: str = "Anna", session: str = "first", sitting: str = "here",
              shrink: int = 0) -> Reading:
    """Contour a case, done in 12.5 s, and return the reading."""
    begun = study.begin(study.reading(case, reader, session), sitting)
    return study.save(replace(begun, state=DONE, seconds=12.5), mask_of(study, case, shrink), sitting)


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    return small_study(tmp_path / "study")


def test_a_contour_comes_back_voxel_by_voxel(tmp_path: Path) -> None:
    image, mask = small_image(2)
    write_contour(tmp_path / "drawn.seg.nrrd", mask, "Anna · first")
    again, name = read_mask(tmp_path / "drawn.seg.nrrd")
    assert name == "Anna · first" and again.GetSize() != mask.GetSize()
    drawn, placed = place(mask, Grid.of(image), "drawn"), place(again, Grid.of(image), "read")
    assert drawn.start == placed.start and not placed.resampled and np.array_equal(drawn.voxels, placed.voxels)


def test_a_contour_of_one_voxel_at_the_border_is_kept(tmp_path: Path) -> None:
    image, mask = small_image()
    one = sitk.Image(mask.GetSize(), sitk.sitkUInt8)
    one.CopyInformation(mask)
    one[0, 0, 0] = 1
    write_contour(tmp_path / "one.seg.nrrd", one, "one")
    placed = place(read_mask(tmp_path / "one.seg.nrrd")[0], Grid.of(image), "one")
    assert placed.start == (0, 0, 0) and placed.voxels.tolist() == [[[True]]] and not placed.resampled


def test_a_reading_is_begun_saved_and_done(study: StudyFolder) -> None:
    case = cases_of(study.design, "Anna", "first")[0]
    assert {item.state for item in study.readings()} == {PLANNED} and len(study.readings()) == 7
    begun = study.begin(study.reading(case, "Anna", "first"), "one")
    assert begun.state is OPEN and begun.started and not begun.path.exists()
    saved = study.save(replace(begun, seconds=30.0, comment="noisy"), mask_of(study, case, 1), "one")
    assert saved.state is OPEN and saved.path.is_file() and saved.saved
    again = StudyFolder.open(study.path).reading(case, "Anna", "first")  # after a crash, by another process
    assert again == saved and again.comment == "noisy" and again.seconds == 30.0
    taken_up = study.begin(again, "two")
    done = study.save(replace(taken_up, state=DONE, seconds=41.0), mask_of(study, case), "two")
    assert done.usable and done.started == begun.started and done.seconds == 41.0
    assert int(inside(read_mask(done.path)[0]).sum()) == int(inside(mask_of(study, case)).sum())


def test_nothing_drawn_is_not_done(study: StudyFolder) -> None:
    begun = study.begin(study.reading(study.design.cases[0].name, "Anna", "first"), "here")
    with pytest.raises(FileError, match="Nothing is drawn"):
        study.save(replace(begun, state=DONE), None, "here")
    drawn = study.save(begun, mask_of(study, begun.case), "here")
    erased = study.save(drawn, None, "here")
    assert not erased.path.exists() and erased.state is OPEN
    skipped = study.save(replace(erased, state=SKIPPED), None, "here")
    assert skipped.state is SKIPPED and not skipped.usable


def test_two_readers_at_once_do_not_meet(study: StudyFolder) -> None:
    case = cases_of(study.design, "Ben", "first")[0]
    hers, his = StudyFolder.open(study.path), StudyFolder.open(study.path)
    one = hers.begin(hers.reading(case, "Anna", "first"), "hers")
    other = his.begin(his.reading(case, "Ben", "first"), "his")
    hers.save(replace(one, state=DONE), mask_of(study, case), "hers")
    his.save(replace(other, state=DONE), mask_of(study, case, 1), "his")
    paths = {item.path for item in study.readings()}
    assert len(paths) == 7 and [item.usable for item in study.readings()].count(True) == 2


def test_the_same_reader_at_two_places_is_noticed(study: StudyFolder) -> None:
    case = study.design.cases[0].name
    first = study.begin(study.reading(case, "Anna", "first"), "at home")
    second = study.begin(study.reading(case, "Anna", "first"), "at work")
    with pytest.raises(FileError, match="Somebody else draws"):
        study.save(first, mask_of(study, case), "at home")
    assert study.save(replace(second, state=DONE), mask_of(study, case), "at work").usable


def test_a_crash_between_contour_and_record_leaves_a_reading_to_go_on_with(
        study: StudyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    case = study.design.cases[0].name
    done = read_case(study, case)
    again = study.begin(done, "later")
    assert again.state is DONE  # only looked at so far
    count = iter(range(10))

    def crash(path: Path, value: object) -> None:
        if next(count) == 1:  # the record after the contour
            raise KeyboardInterrupt
        write_json(path, value)

    monkeypatch.setattr(folder_module, "write_json", crash)
    with pytest.raises(KeyboardInterrupt):
        study.save(replace(again, state=DONE), mask_of(study, case, 1), "later")
    monkeypatch.undo()
    after = study.reading(case, "Anna", "first")
    assert after.state is OPEN and not after.problem and after.path.is_file() and after.seconds == 12.5
    (study.path / "readings" / "Anna" / "first" / "lost.seg.nrrd.tmp").touch()  # what a crash may leave
    assert len(study.readings()) == 7


def test_a_contour_without_a_record_is_gone_on_with(study: StudyFolder) -> None:
    case = study.design.cases[0].name
    write_contour(study.reading(case, "Anna", "first").path, mask_of(study, case), "Anna · first")
    assert study.reading(case, "Anna", "first").state is OPEN


def record_path(reading: Reading) -> Path:
    return reading.path.with_name(reading.path.name.replace(".seg.nrrd", ".json"))


@pytest.mark.parametrize(("change", "problem"), [
    ({"design": "0" * 64}, "another design"),
    ({"image": "0" * 64}, "another image"),
    ({"contour": "0" * 64}, "changed after it was done"),
    ({"case": "somebody"}, "record is that of case 'somebody'"),
    ({"state": "perfect"}, "none of open, done, skipped"),
    ({"seconds": -1.0}, "-1.0 s"),
    ({"saved": "yesterday"}, "no date and time"),
    ({"schema": "radiomics-prognosis/reading/9"}, "reading/9"),
])
def test_a_record_that_does_not_fit_is_told_and_not_used(study: StudyFolder, change: dict[str, object],
                                                         problem: str) -> None:
    done = read_case(study, study.design.cases[0].name)
    write_json(record_path(done), {**read_json(record_path(done), "Record"), **change})
    after = study.reading(done.case, "Anna", "first")
    assert problem in after.problem and not after.usable
    assert any(problem in line for line in study.left_out())
    with pytest.raises(FileError, match="no reading that is done"):
        study.write_cohort()


def test_a_damaged_record_does_not_lose_the_contour(study: StudyFolder) -> None:
    done = read_case(study, study.design.cases[0].name)
    record_path(done).write_text('{"schema": "radio', encoding="utf-8")
    after = study.reading(done.case, "Anna", "first")
    assert after.state is OPEN and "JSON" in after.problem and after.path.is_file()
    again = study.begin(after, "later")
    assert study.save(replace(again, state=DONE), read_mask(after.path)[0], "later").usable


def test_a_contour_that_is_gone_or_edited_elsewhere_is_told(study: StudyFolder) -> None:
    one, other = (read_case(study, case.name) for case in study.design.cases[:2])
    one.path.unlink()
    write_contour(other.path, mask_of(study, other.case, 1), "edited")
    assert "is gone" in study.reading(one.case, "Anna", "first").problem
    assert "changed after" in study.reading(other.case, "Anna", "first").problem


def test_another_image_in_the_place_of_a_case_is_refused(study: StudyFolder) -> None:
    done = read_case(study, study.design.cases[0].name)
    path = study.image_path(done.case)
    assert study.image_problem(done.case) == ""
    image = sitk.ReadImage(str(path))
    image[0, 0, 0] = image[0, 0, 0] + 1
    sitk.WriteImage(image, str(path))
    with pytest.raises(GeometryMismatch, match="not the one that the study was set up with"):
        study.image(done.case)
    assert "set up with" in study.image_problem(done.case)
    with pytest.raises(FileError, match="no reading that is done"):
        study.write_cohort()
    path.unlink()
    assert "does not exist" in study.image_problem(done.case)


def test_an_image_is_the_same_in_another_format(tmp_path: Path) -> None:
    image, _ = small_image(3)
    for ending in ("nrrd", "mha", "nii.gz"):
        sitk.WriteImage(image, str(tmp_path / f"image.{ending}"))
        assert image_hash(sitk.ReadImage(str(tmp_path / f"image.{ending}"))) == image_hash(image)
    image.SetOrigin([value + 0.5 for value in image.GetOrigin()])
    assert image_hash(image) != image_hash(small_image(3)[0])


def test_an_unchanged_file_is_not_decoded_again(study: StudyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    case, detached = study.design.cases[0], study.path / "detached.nrrd"
    assert case.image_file and study.image_problem(case.name) == ""
    monkeypatch.setattr(StudyFolder, "image", lambda *_: pytest.fail("it was decoded"))
    assert StudyFolder.open(study.path).image_problem(case.name) == ""
    detached.write_bytes(b"NRRD0004\ntype: short\ndata file: voxels.raw\n\n")
    assert file_hash(detached) == "" and file_hash(study.path) == ""


def test_a_design_is_written_once(study: StudyFolder, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="never overwritten"):
        StudyFolder.create(study.path, study.design)
    with pytest.raises(FileError, match="holds no reading study"):
        StudyFolder.open(tmp_path)
    (study.path / DESIGN_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(SchemaError, match="not valid JSON"):
        StudyFolder.open(study.path)


def test_the_cohort_is_what_the_command_reads(study: StudyFolder) -> None:
    for name in cases_of(study.design, "Anna", "first"):
        read_case(study, name)
    again = cases_of(study.design, "Anna", "second")
    read_case(study, again[0], session="second", shrink=1)
    path = study.write_cohort()
    table = read_cohort(path)
    assert next(csv.reader(path.open(encoding="utf-8"))) == [
        "case", "image", "mask", "reader", "session", "seconds"]
    assert len(table) == 4 and set(table["session"]) == {"first", "second"} and (table["seconds"] == 12.5).all()
    for row in table.to_dict("records"):
        image, mask = sitk.ReadImage(row["image"]), read_mask(row["mask"])[0]
        placed = place(mask, Grid.of(image), "contour")
        assert not placed.resampled
        own = sitk.BinaryErode(image > 0, [1, 1, 1]) if row["session"] == "second" else image > 0
        assert placed.voxels.sum() == sitk.GetArrayFromImage(own).sum()


def test_existing_contours_stand_for_a_reading(tmp_path: Path) -> None:
    volumes = write_volumes(tmp_path / "cohort", 3)
    for number in range(3):
        write_contour(volumes / f"drawn {number + 1}.seg.nrrd", small_image(number)[1], "GTV")
    rows = [f"P{number},patient {number}.nrrd,drawn {number}.seg.nrrd,GTV" for number in (1, 2, 3)]
    (volumes / "cohort.csv").write_text("\n".join(["case,image,mask,label", *rows]) + "\n", encoding="utf-8")
    sources = cohort_sources(volumes / "cohort.csv")
    cases = tuple(take_cases(sources, tmp_path / "study", Stand("Anna", "first"), (40.0, 400.0)))
    study = small_study(tmp_path / "study", cases=cases)
    assert [item.existing for item in study.readings()].count(True) == 3
    hers = study.reading("P1", "Anna", "first")
    assert hers.usable and hers.existing
    with pytest.raises(FileError, match="before the study"):
        study.begin(hers, "here")
    table = read_cohort(study.write_cohort())
    assert len(table) == 3 and set(table["reader"]) == {"Anna"} and table["seconds"].isna().all()
    middle = Grid.of(small_image()[0]).position(np.array([[8, 9, 7]]))[0]
    assert np.abs(np.array(cases[0].location) - middle).max() < 0.5 and cases[0].window == (40.0, 400.0)
    hidden = replace(cases[0], existing=ExistingContour(path=cases[0].existing.path))
    other = small_study(tmp_path / "other", cases=(hidden,), reread=None)
    assert not any(item.existing for item in other.readings())  # only told where the lesion is


def test_cohorts_and_folders_are_read_or_refused(tmp_path: Path) -> None:
    volumes = write_volumes(tmp_path / "volumes", 2)
    (volumes / "notes.txt").touch()
    write_contour(volumes / "drawn.seg.nrrd", small_image()[1], "GTV")
    series = volumes / "dicom series"
    series.mkdir()
    write_dicom(small_image()[0], series)
    assert [source.name for source in folder_sources(volumes)] == ["dicom series", "patient 1", "patient 2"]
    assert folder_sources(volumes)[0].take().image.GetSize() == (16, 18, 14)
    with pytest.raises(FileError, match="holds no volume"):
        folder_sources(empty(tmp_path))
    table = tmp_path / "cohort.csv"
    for text, problem in (("case,mask\nP1,m.nrrd\n", "no column image"), ("case,image\nP1,\n", "row 2 has no image"),
                          ("case,image\n", "no rows")):
        table.write_text(text, encoding="utf-8")
        with pytest.raises(CohortError, match=problem):
            cohort_sources(table)
    table.write_text("\ufeffcase,image,label,mask\nP1,a.nrrd,1,m\nP1,a.nrrd,2,m\nP1,a.nrrd,1,again\nP2,b.nrrd,,\n",
                     encoding="utf-8")
    assert [source.name for source in cohort_sources(table)] == ["P1 1", "P1 2", "P2"]
    with pytest.raises(FileError, match=r"Case 'P1 1'.*does not exist"):
        list(take_cases(cohort_sources(table), tmp_path / "study", None, None))


def empty(tmp_path: Path) -> Path:
    """Return an empty folder."""
    (tmp_path / "nothing").mkdir()
    return tmp_path / "nothing"


def write_dicom(image: sitk.Image, folder: Path) -> None:
    """Write a volume as a DICOM series."""
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for number in range(image.GetDepth()):
        plane = image[:, :, number]
        for key, value in (("0008|0060", "CT"), ("0020|000e", "1.2.3"), ("0020|000d", "1.2"),
                           ("0008|0018", f"1.2.3.{number}"), ("0020|0013", str(number)),
                           ("0020|0032", "\\".join(map(str, image.TransformIndexToPhysicalPoint((0, 0, number))))),
                           ("0020|0037", "1\\0\\0\\0\\1\\0")):
            plane.SetMetaData(key, value)
        writer.SetFileName(str(folder / f"{number}.dcm"))
        writer.Execute(plane)


def test_a_snapshot_restores_everything_but_the_images(study: StudyFolder, tmp_path: Path) -> None:
    done = read_case(study, study.design.cases[0].name)
    content = snapshot(study.path)
    assert content == snapshot(study.path) and len(content) < 10_000
    again = restore(content, tmp_path / "restored")
    reading = again.reading(done.case, "Anna", "first")
    assert reading.state is DONE and reading.path.read_bytes() == done.path.read_bytes()
    with pytest.raises(FileError, match="not an empty folder"):
        restore(content, tmp_path / "restored")


@pytest.mark.parametrize("name", ["../evil.json", "/tmp/evil.json", "readings/../../evil", "C:/evil", "readings\\..\\e",
                                  "images/x.nrrd", "readings", "script.py", "readings//x"])
def test_a_snapshot_writes_nowhere_else(study: StudyFolder, tmp_path: Path, name: str) -> None:
    content = io.BytesIO(snapshot(study.path))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(name, "evil")
    with pytest.raises(SchemaError, match="holds a file"):
        restore(content.getvalue(), tmp_path / "restored")
    assert not (tmp_path / "restored").exists() and not (tmp_path / "evil.json").exists()


def test_a_snapshot_that_is_damaged_or_too_large_is_refused(study: StudyFolder, tmp_path: Path,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    content = snapshot(study.path)
    with pytest.raises(SchemaError, match="damaged"):
        restore(content[: len(content) // 2], tmp_path / "restored")
    monkeypatch.setattr("RadiomicsPrognosisLib.reading.snapshot.LARGEST_BYTES", 100)
    with pytest.raises(SchemaError, match="larger than a study"):
        restore(content, tmp_path / "restored")


def test_time_counts_with_pauses_of_a_minute_at_most() -> None:
    now = [0.0]
    watch = Stopwatch(lambda: now[0], 5.0)
    watch.used()
    assert watch.seconds == 5.0 and not watch.running
    watch.resume()
    for wait in (10.0, 50.0, 3600.0):
        now[0] += wait
        watch.used()
    assert watch.seconds == 5.0 + 10.0 + 50.0 + 60.0
    now[0] += 20.0
    assert watch.seconds == 145.0  # what is shown between two signs of use
    watch.pause()
    now[0] += 500.0
    watch.resume()
    now[0] -= 3.0  # a clock that was put back takes nothing away
    watch.used()
    assert watch.seconds == 145.0


def test_a_design_on_disk_is_readable_by_people(study: StudyFolder) -> None:
    values = json.loads((study.path / DESIGN_FILE).read_text(encoding="utf-8"))
    assert values == write(study.design)
    assert values["scope"][0] == {"reader": "Anna", "session": "first", "cases": "all"}
    assert values["cases"][0]["image"] == "../volumes/patient 1.nrrd"
