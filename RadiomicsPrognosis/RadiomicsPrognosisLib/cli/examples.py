"""An example of every command, as its help and the documentation show it."""

from __future__ import annotations

#: What follows the command's name, by command.
EXAMPLES: dict[str, str] = {
    "score": "--image ct.nrrd --mask tumour.seg.nrrd --model s2_escc_ln_response --out result",
    "demo": "--out out/demo",
    "extract": "--cohort cohort.csv --protocol ct-hu50-1mm-wavelet --out features.csv --jobs 2",
    "scaling": "--features features.csv --model s1_escc_lpfs_radscore --name my-hospital "
               "--disease 'oesophageal squamous cell carcinoma' --origin 'my hospital, 2019 - 2024'",
    "stability": "--image ct.nrrd --mask tumour.seg.nrrd --model s2_escc_ln_response",
    "reproducibility": "--cohort readings.csv --model s2_escc_ln_response --out result",
    "study run": "s1_escc_lpfs_radscore --cohort features.csv --out result",
    "study validate": "s2_escc_ln_response --cohort features.csv --out result",
    "models list": "",
    "models show": "s2_escc_ln_response",
    "models check": "my_model.json",
    "models page": "s2_escc_ln_response --out model.html",
    "recipes list": "",
    "recipes show": "s1_escc_lpfs_radscore",
    "recipes new": "my_recipe.toml --from s1_escc_lpfs_radscore",
    "completion": "bash > ~/.local/share/bash-completion/completions/radiomics-prognosis",
}
