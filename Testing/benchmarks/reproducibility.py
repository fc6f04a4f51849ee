"""A reading study of 30 cases x 2 readings x 851 features: the command as a user starts it, against psych or pingouin.

The command analyses a table of features and writes its folder, report and figures included, in a process of its own:
importing counts. It must be done in 10 seconds. The peer computes the ICCs alone, in a process of its own too: R's
psych::ICC(lmer = FALSE) where Rscript has psych, else pingouin (GPL-3, no part of the project) where this Python has
it. Usage: reproducibility.py [repeats]
"""

from __future__ import annotations

import csv
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from RadiomicsPrognosisLib.models.scaling import scalings_for
from RadiomicsPrognosisLib.models.store import load_model

MODEL, CASES, READERS, BAR_S = "s1_escc_lpfs_radscore", 30, ("A", "B"), 10.0

_PSYCH = """suppressMessages(library(psych)); t <- read.csv("{table}", check.names = FALSE)
x <- as.matrix(t[, {first}:ncol(t)]); n <- nrow(x) / 2
icc <- apply(x, 2, function(v) ICC(matrix(v, n), lmer = FALSE)$results$ICC[2])
write.table(icc, "{out}", row.names = FALSE, col.names = FALSE)"""

_PINGOUIN = """import sys, warnings; import numpy as np, pandas as pd, pingouin
warnings.simplefilter("ignore"); t = pd.read_csv("{table}"); n = len(t) // 2
long = pd.DataFrame(dict(case=np.tile(np.arange(n), 2), reader=np.repeat([0, 1], n)))
np.savetxt("{out}", [pingouin.intraclass_corr(long.assign(v=t.iloc[:, i].to_numpy()), "case", "reader", "v")["ICC"][1]
                     for i in range({first} - 1, t.shape[1])])"""


def write_readings(path: Path, seed: int = 1) -> int:
    """Write two readers' features of the same cases with true ICCs from 0.2 to 0.99; return the number of features."""
    model, generator = load_model(MODEL), np.random.default_rng(seed)
    protocol, scaling = model.image_protocol(), scalings_for(model)[0]
    names = protocol.feature_names()
    share = np.linspace(0.2, 0.99, len(names))
    truth = generator.standard_normal((CASES, len(names)))
    scale = np.array([scaling.sds.get(name, 1.0) for name in names])
    centre = np.array([scaling.means.get(name, 1.0) for name in names])
    with path.open("w", newline="", encoding="utf-8") as f:
        rows = csv.writer(f)
        rows.writerow(["case", "reader", "n_stage", "complete_response", "protocol", "protocol_hash", "engine",
                       "engine_version", *names])
        for reader in READERS:
            values = np.sqrt(share) * truth + np.sqrt(1 - share) * generator.standard_normal(truth.shape)
            rows.writerows([f"case {number}", reader, "N1", "no", protocol.id, protocol.hash, scaling.engine,
                            scaling.engine_version, *row] for number, row in enumerate(centre + scale * values))
    return len(names)


def ours(table: Path, out: Path) -> dict[str, float]:
    """Run the command and return ICC(2,1) by feature from its table."""
    subprocess.run([sys.executable, "-m", "RadiomicsPrognosisLib", "reproducibility", "--features", str(table),
                    "--model", MODEL, "--scaling", scalings_for(load_model(MODEL))[0].name, "--out", str(out)],
                   check=True, capture_output=True)
    with (out / "icc.csv").open(encoding="utf-8") as f:
        return {row["feature"]: float(row["icc"]) for row in csv.DictReader(f) if row["form"] == "ICC(2,1)"}


def processor_s() -> float:
    """Return the processor time (s) of all processes started here that have ended; a busy machine adds none."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def peers(table: Path, out: Path) -> tuple[str, list[str]] | None:
    """Return the name and the command line of the peer at hand."""
    texts = {"table": table, "out": out, "first": 9}
    for name, probe, command in (
            ("R psych", ["Rscript", "-e", "library(psych)"], ["Rscript", "-e", _PSYCH.format(**texts)]),
            ("pingouin", [sys.executable, "-c", "import pingouin"], [sys.executable, "-c", _PINGOUIN.format(**texts)])):
        try:
            if subprocess.run(probe, capture_output=True).returncode == 0:
                return name, command
        except FileNotFoundError:
            continue
    return None


def main() -> int:
    """Run both ``repeats`` times in turn; print times, ratio and agreement."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        table, values = Path(folder) / "readings.csv", Path(folder) / "peer.txt"
        features = write_readings(table)
        peer = peers(table, values)
        seconds: dict[str, list[float]] = {"ours": [], "peer": [], "processor": []}
        for number in range(repeats):
            start, used = time.perf_counter(), processor_s()
            icc = ours(table, Path(folder) / f"out{number}")
            seconds["ours"].append(time.perf_counter() - start)
            seconds["processor"].append(processor_s() - used)
            if peer:
                start = time.perf_counter()
                subprocess.run(peer[1], check=True, capture_output=True)
                seconds["peer"].append(time.perf_counter() - start)
        ours_s = statistics.median(seconds["ours"])
        print(f"{CASES} cases x {len(READERS)} readings x {features} features, a fresh process each, median of "
              f"{repeats}")
        print(f"reproducibility, six forms with intervals, score, groups, tables, figures and report: {ours_s:.2f} s "
              f"(bar: {BAR_S:g} s), {statistics.median(seconds['processor']):.2f} s of processor time")
        if peer:
            difference = np.abs(np.loadtxt(values) - list(icc.values())).max()
            print(f"{peer[0]}, the ICCs alone: {statistics.median(seconds['peer']):.2f} s; largest difference of an "
                  f"ICC(2,1): {difference:.1e}")
        else:
            print("no peer at hand: install R's psych, or pingouin into an environment of its own", file=sys.stderr)
    return 0 if ours_s < BAR_S else 1


if __name__ == "__main__":
    sys.exit(main())
