"""A readers' study on 20 real CTs with simulated readers, from contours to report.

Usage: python Testing/reading_study_sarcoma.py FOLDER [--data DIR] [--render]

CT and published contour are those of 20 soft-tissue sarcomas (Vallieres et al. 2015, TCIA Soft-tissue-Sarcoma,
doi 10.7937/K9/TCIA.2015.7GO2GSKS, CC BY 3.0; ../shared/data/sts_ct/STS_*/{image,mask}.nii.gz unless --data says
otherwise). No reader has contoured them again: the readings are the published contour moved by morphological and random
edits (simulated_readings.py), which every output says. Reader A draws in two sessions, reader B in one.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import time
from pathlib import Path

import SimpleITK as sitk

sys.path.append(str(Path(__file__).resolve().parent / "Python"))

from page_pictures import picture_page
from simulated_readings import SIMULATED, Hand, simulated_contour

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "sts_ct"

#: By reader and session: A repeats closely; B draws wider, less evenly, and now and then leaves out an end or a lobule.
HANDS = {
    ("A", "1"): Hand(sd_mm=0.8),
    ("A", "2"): Hand(sd_mm=0.8),
    ("B", "1"): Hand(offset_mm=0.6, sd_mm=1.3, short=0.3, slip=0.15),
}

#: The model's clinical factors, which sarcomas do not have: the same for every case, so that survival changes with the
#: contour alone.
CLINICAL = {"n_stage": "N1", "complete_response": "no"}

MODEL, SCALING = "s1_escc_lpfs_radscore", "demonstration-sts-ct"

#: What every output says first.
NOTE = (f"{SIMULATED[0].upper()}{SIMULATED[1:]}: published contours of soft-tissue sarcomas (Vallieres et al. 2015, "
        "doi 10.7937/K9/TCIA.2015.7GO2GSKS) were moved by smooth random fields and dilated; reader A is simulated in "
        "two sessions, reader B in one. N stage (N1) and response (no complete response) are the same for every case "
        "and not the patients'.")

WINDOWS = {"desktop": (900, 16000), "phone": (420, 16000)}


def write_cohort(folder: Path, data: Path) -> Path:
    """Write every reading's contour and ``cohort.csv``; what is there already is kept. Returns the table's path."""
    rows = []
    for number, case in enumerate(sorted(data.glob("STS_*"))):
        published = sitk.ReadImage(str(case / "mask.nii.gz"))
        for place, ((reader, session), hand) in enumerate(HANDS.items()):
            path = folder / "readings" / reader / session / f"{case.name}.nrrd"
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                sitk.WriteImage(simulated_contour(published, hand, (number, place)), str(path), useCompression=True)
            rows.append({"case": case.name, "image": str(case / "image.nii.gz"),
                         "mask": path.relative_to(folder).as_posix(), "reader": reader,
                         "session": session, **CLINICAL})
    path = folder / "cohort.csv"
    with path.open("w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def main() -> None:
    """Write contours and table, run the command, and picture the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--render", action="store_true", help="also picture the page")
    options = parser.parse_args()
    if not any(options.data.glob("STS_*")):
        parser.exit(2, f"There are no cases STS_* in {options.data}.\n")
    print(f"Note: {SIMULATED}.")
    options.folder.mkdir(parents=True, exist_ok=True)
    cohort = write_cohort(options.folder, options.data)
    begun = time.perf_counter()
    out = options.folder / "result"
    subprocess.run([sys.executable, "-m", "RadiomicsPrognosisLib", "reproducibility", "--cohort", str(cohort),
                    "--model", MODEL, "--scaling", SCALING, "--note", NOTE, "--out", str(out)], check=True)
    print(f"Extraction (of what is not cached), analysis and report: {time.perf_counter() - begun:.0f} s")
    if options.render:
        picture_page(out / "reproducibility.html", WINDOWS, "page")


if __name__ == "__main__":
    main()
