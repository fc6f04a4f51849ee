"""--anonymous: no file that is written holds the patient's name, IDs, dates or series, however it packs them."""

from __future__ import annotations

import csv
import json
import re
import shutil
import zlib
from pathlib import Path

import pytest
import SimpleITK as sitk
from dicom_cases import write_series
from matplotlib.figure import Figure

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.phantom import ct_phantom
from RadiomicsPrognosisLib.report import pictures

pydicom = pytest.importorskip("pydicom")
pytest.importorskip("highdicom")
pypdf = pytest.importorskip("pypdf")

#: As the series states them; each is rare enough to stand in no other word.
PATIENT = "Quetzalcoatl^Ximena"
SECRETS = ("quetzalcoatl", "ximena", "P-1847", "19600101", "1960-01-01", "20240102", "2024-01-02", "ACC-9931",
           "Klinikum Querfurt", "Thorax Zwiebelturm", "Dr. Wolpertinger")
MODEL = "s2_escc_ln_response"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A DICOM series with a patient, and its contour, called after them."""
    folder = tmp_path_factory.mktemp("case")
    image, mask = ct_phantom()
    for path in write_series(image, folder / "series", PATIENT):
        dataset = pydicom.dcmread(path)
        dataset.PatientID, dataset.AccessionNumber = "P-1847", "ACC-9931"
        dataset.InstitutionName, dataset.SeriesDescription = "Klinikum Querfurt", "Thorax Zwiebelturm"
        dataset.StudyDescription, dataset.PatientAge = "Quetzalcoatl staging", "064Y"
        dataset.save_as(path)
    labelled: sitk.Image = sitk.Cast(mask, sitk.sitkUInt8)
    for key, text in (("ID", "Segment_1"), ("Name", "GTV Quetzalcoatl"), ("LabelValue", "1"), ("Layer", "0")):
        labelled.SetMetaData(f"Segment0_{key}", text)
    sitk.WriteImage(labelled, str(folder / "contour.seg.nrrd"))
    (folder / "gap").mkdir()
    for path in (folder / "series").iterdir():
        if pydicom.dcmread(path, stop_before_pixels=True).InstanceNumber != 5:
            shutil.copy(path, folder / "gap")
    return {"image": folder / "series", "mask": folder / "contour.seg.nrrd", "gap": folder / "gap"}


@pytest.fixture(autouse=True)
def plain_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every figure be blank: they hold the model's words and no patient's, and take most of a report's time."""
    for name in [name for name in vars(pictures) if name.startswith("draw_")]:
        monkeypatch.setattr(pictures, name, lambda *given, **options: Figure((2.0, 1.0)))


def everything(path: Path) -> str:
    """Return a file's bytes as text, with what a PDF packs: its streams, its text and its metadata."""
    data = path.read_bytes()
    text = data.decode("latin-1") + data.decode("utf-8", "ignore")
    if path.suffix == ".pdf":
        for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
            try:
                text += zlib.decompress(stream).decode("latin-1")
            except zlib.error:
                continue
        reader = pypdf.PdfReader(path)
        text += "".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    return text.casefold()


def secrets_in(folder: Path) -> dict[str, list[str]]:
    """Return the secrets by the file that holds them."""
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert len(written) >= 4
    texts = {path.name: everything(path) for path in written}
    held = {name: [item for item in SECRETS if item.casefold() in text] for name, text in texts.items()}
    return {name: items for name, items in held.items() if items}


def test_no_file_of_a_case_names_the_patient(files: dict[str, Path], tmp_path: Path,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    command = ["score", "--image", str(files["image"]), "--mask", str(files["mask"]), "--model", MODEL, "--dicom",
               "--reader", "Dr. Wolpertinger"]
    assert run([*command, "--out", str(tmp_path / "named")]) == 0
    named = secrets_in(tmp_path / "named")
    # What the test looks for is there to be seen: in the report's foot and head, the file of numbers, and DICOM.
    assert {"report.html", "report.pdf", "prediction.json", "radiomics_sr.dcm", "radiomics_seg.dcm"} <= set(named)
    assert {"quetzalcoatl", "ximena", "P-1847", "2024-01-02", "Dr. Wolpertinger"} <= set(named["report.pdf"])
    capsys.readouterr()
    assert run([*command, "--out", str(tmp_path / "anonymous"), "--anonymous", "--json"]) == 0
    assert secrets_in(tmp_path / "anonymous") == {}
    printed = capsys.readouterr().out
    assert [item for item in SECRETS if item.casefold() in printed.casefold()] == []
    numbers = [json.loads((tmp_path / name / "prediction.json").read_text(encoding="utf-8"))["score"]
               for name in ("named", "anonymous")]
    assert numbers[0] == numbers[1]
    assert "Anonymous" in (tmp_path / "anonymous" / "report.html").read_text(encoding="utf-8")
    structured = pydicom.dcmread(tmp_path / "anonymous" / "radiomics_sr.dcm")
    assert structured.PatientIdentityRemoved == "YES" and not structured.PatientName


def test_no_file_of_a_cohort_names_the_patient(files: dict[str, Path], tmp_path: Path) -> None:
    table = tmp_path / "quetzalcoatl.csv"
    with table.open("w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["case", "image", "mask", "label", "series"])
        writer.writerow(["A01", files["image"], files["mask"], "", ""])
        writer.writerow(["A02", files["image"], files["mask"], "lesion", ""])
        writer.writerow(["A03", files["gap"], files["mask"], "", ""])
    assert run(["score", "--cohort", str(table), "--model", MODEL, "--out", str(tmp_path / "out"), "--reports",
                "--anonymous"]) == 0
    assert secrets_in(tmp_path / "out") == {}
    with (tmp_path / "out" / "scores.csv").open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    assert not {"image", "mask", "series"} & set(rows[0])
    assert not any(str(files["image"].parent) in row["error"] for row in rows)
    # What went wrong is told all the same, without the description of the series and the names of the segments.
    assert "has no segment '…'; present: …" in rows[1]["error"] and "1 slice is missing" in rows[2]["error"]


def test_no_file_of_a_case_s_stability_names_the_patient(files: dict[str, Path], tmp_path: Path) -> None:
    command = ["stability", "--image", str(files["image"]), "--mask", str(files["mask"]), "--model", MODEL, "--kinds",
               "noise", "--perturbations", "10", "--jobs", "1", "--reader", "Dr. Wolpertinger", "--anonymous"]
    assert run([*command, "--out", str(tmp_path / "out")]) == 0
    assert secrets_in(tmp_path / "out") == {}


def test_no_file_of_all_segments_names_the_patient(files: dict[str, Path], tmp_path: Path,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    """The segment is called after the patient: so would be its folder, its row and its place in the summary."""
    command = ["score", "--image", str(files["image"]), "--mask", str(files["mask"]), "--model", MODEL, "--label",
               "all", "--anonymous", "--out", str(tmp_path / "out"), "--json"]
    assert run(command) == 0
    assert secrets_in(tmp_path / "out") == {}
    names = " ".join(str(path.relative_to(tmp_path)) for path in (tmp_path / "out").rglob("*"))
    printed = f"{names} {capsys.readouterr().out}".casefold()
    assert [item for item in SECRETS if item.casefold() in printed] == []
