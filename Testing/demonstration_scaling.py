"""Make Resources/Scalings/demonstration-sts-ct.json from the CTs of 20 soft-tissue sarcomas.

Derived from Soft-tissue-Sarcoma (Vallieres et al., TCIA 2015, doi 10.7937/K9/TCIA.2015.7GO2GSKS, CC BY 3.0) as IBSI's
validation set gives it: ../shared/data/sts_ct/STS_*/{image,mask}.nii.gz unless --data says otherwise.

    python Testing/demonstration_scaling.py [--data DIR] [--out DIR]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from RadiomicsPrognosisLib.cohort.extraction import extract_cohort
from RadiomicsPrognosisLib.models.scaling import fit_scaling, save_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.resources import shipped_folder

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "sts_ct"
MODEL, NAME = "s1_escc_lpfs_radscore", "demonstration-sts-ct"
ORIGIN = "20 public CTs of soft-tissue sarcoma, GTV contours: another disease than the model's"
LICENCE = ("Derived from Soft-tissue-Sarcoma (Vallieres et al., TCIA 2015, doi 10.7937/K9/TCIA.2015.7GO2GSKS), "
           "CC BY 3.0")


def main() -> None:
    """Extract the model's features, fit the scaling and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=shipped_folder() / "Scalings")
    options = parser.parse_args()
    model = load_model(MODEL)
    cases = sorted(options.data.glob("STS_*"))
    cohort = pd.DataFrame({"case": [item.name for item in cases],
                           "image": [str(item / "image.nii.gz") for item in cases],
                           "mask": [str(item / "mask.nii.gz") for item in cases]})
    table = extract_cohort(cohort, model.image_protocol(), list(model.features()), jobs=2)
    scaling = fit_scaling(table, model, NAME, disease="soft-tissue sarcoma", origin=ORIGIN, licence=LICENCE,
                          demonstration=True)
    print(save_scaling(scaling, options.out))


if __name__ == "__main__":
    main()
