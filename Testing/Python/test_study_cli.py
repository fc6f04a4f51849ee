"""``study run`` and ``study validate`` as a user types them: files, exit codes, nothing half written, same bytes."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from study_cases import cohort_table, ibex_table_values, protocol_features, shipped_values, truth_cohort, truth_recipe

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort.table import read_table
from RadiomicsPrognosisLib.errors import FileError
from RadiomicsPrognosisLib.estimates.remembered import forget_fits
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.report import folder as report_folder
from RadiomicsPrognosisLib.study import run as engine
from RadiomicsPrognosisLib.study.output import study_folder as study_writing
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe, parse_recipe
from RadiomicsPrognosisLib.study.run import run_study

MODULE = Path(__file__).resolve().parents[2] / "RadiomicsPrognosis"

FEATURES = protocol_features(load_recipe("s1_escc_lpfs_radscore"), 40)

TRUTH = json.loads((Path(__file__).resolve().parent / "data" / "study" / "recipe_truth.json")
                   .read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Paths of a small recipe and a cohort."""
    folder = tmp_path_factory.mktemp("inputs")
    text = (MODULE / "Resources" / "Recipes" / "s1_escc_lpfs_radscore.toml").read_text(encoding="utf-8")
    assert "features = { protocol = true }" in text
    assert "bootstrap = 200" in text
    text = text.replace("features = { protocol = true }", f"features = {{ names = {json.dumps(FEATURES)} }}")
    recipe, cohort = folder / "mine.toml", folder / "cohort.csv"
    recipe.write_text(text.replace("bootstrap = 200", "bootstrap = 3"), encoding="utf-8")
    parsed = parse_recipe(shipped_values("s1_escc_lpfs_radscore"), "s1")
    cohort_table(parsed, 180, 3, FEATURES).to_csv(cohort, index=False)
    return recipe, cohort


@pytest.fixture(scope="module")
def finished(inputs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished run's folder, which tests must not change."""
    folder = tmp_path_factory.mktemp("finished") / "study"
    assert run(["study", "run", str(inputs[0]), "--cohort", str(inputs[1]), "--out", str(folder)]) == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def only(folder: Path, name: str) -> Path:
    """Return the one file whose name holds ``name``; its last digits follow what was learned."""
    (path,) = folder.glob(f"*{name}*.json")
    return path


def test_run_writes_models_that_load_tables_figures_and_report(inputs: tuple[Path, Path], finished: Path) -> None:
    written = contents(finished)
    assert {"study.json", "report.html", "tables/scores.csv", "tables/performance.csv", "tables/effects.csv",
            "tables/cross-validation-radscore.csv", "figures/paths-radscore.svg", "figures/km-nomogram-validation.svg",
            "figures/nomogram-nomogram.png"} <= set(written)
    assert written["recipe.toml"] == inputs[0].read_bytes()
    assert b"discretisation" in written["protocol.toml"]
    model = load_model(only(finished / "Models", "nomogram"))
    load_scaling(only(finished / "Scalings", "nomogram"), model)
    assert set(asdict(model.provenance).values()) - {""} == {"trained here"}


def test_the_same_seed_gives_the_same_bytes_and_another_replaces_them(
        inputs: tuple[Path, Path], finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["study", "run", str(inputs[0]), "--cohort", str(inputs[1]), "--out", str(tmp_path / "out")]
    forget_fits()
    assert run(arguments) == 0
    shown = capsys.readouterr()
    assert "Model nomogram: C-index training" in shown.out
    assert str(tmp_path / "out" / "report.html") in shown.out
    shares = [int(line.partition("%")[0]) for line in shown.err.splitlines()]
    assert shares == sorted(shares) and shares[-1] == 100 and len(shares) > 10
    assert contents(tmp_path / "out") == contents(finished)
    assert run([*arguments, "--seed", "9", "--force"]) == 0
    assert contents(tmp_path / "out")["study.json"] != contents(finished)["study.json"]


def test_validate_measures_a_stored_model_on_a_cohort(inputs: tuple[Path, Path], finished: Path, tmp_path: Path,
                                                      capsys: pytest.CaptureFixture[str]) -> None:
    _, cohort = inputs
    model, scaling = (str(only(finished / kind, "nomogram")) for kind in ("Models", "Scalings"))
    arguments = ["study", "validate", model, "--cohort", str(cohort), "--out", str(tmp_path / "checked")]
    assert run(arguments) == 2
    assert "give --scaling" in capsys.readouterr().err
    assert run([*arguments, "--scaling", scaling]) == 0
    assert "C-index: 0." in capsys.readouterr().out
    written = json.loads((tmp_path / "checked" / "validation.json").read_text(encoding="utf-8"))
    assert written["performance"][0]["n"] == 180
    assert {"validation.json", "report.html", "figures/km-model-validation.svg", "tables/performance.csv",
            "tables/scores.csv"} <= set(contents(tmp_path / "checked"))


def test_a_shipped_model_is_validated_on_features_of_its_protocol(tmp_path: Path,
                                                                  capsys: pytest.CaptureFixture[str]) -> None:
    """S2's published response score, on a simulated table: shares and AUC, groups at its published cut-off."""
    recipe = load_recipe("s2_escc_ln_response")
    names = protocol_features(recipe)
    table = cohort_table(recipe, 80, 1, names).rename(columns={"response": "outcome"})
    table.to_csv(tmp_path / "c.csv", index=False)
    assert run(["study", "validate", "s2_escc_ln_response", "--cohort", str(tmp_path / "c.csv"), "--out",
                str(tmp_path / "out")]) == 0
    written = json.loads((tmp_path / "out" / "validation.json").read_text(encoding="utf-8"))
    assert written["cutoff"]["value"] == 0.961
    assert written["performance"][0]["binary"]["auc"]["positive"] == int(table["outcome"].sum())
    assert "AUC" in capsys.readouterr().out


def test_a_model_of_a_tables_columns_scores_new_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What S3's recipe for IBEX's own table ends in; a new patient has no outcome, and may lack a covariate."""
    recipe = parse_recipe(ibex_table_values(), "s3")
    table = cohort_table(recipe, 197, 2, [f"ibex_{i:03d}" for i in range(40)])
    study = run_study(recipe, table)
    (tmp_path / "m.json").write_text(json.dumps(study.stored_models()["integrated"].to_dict()), encoding="utf-8")
    new = table.head(5).drop(columns="outcome" if "outcome" in table else recipe.endpoints[0].outcome)
    new.loc[2, "sex"] = None
    new.to_csv(tmp_path / "new.csv", index=False)
    arguments = ["score", "--cohort", str(tmp_path / "new.csv"), "--model", str(tmp_path / "m.json"), "--out",
                 str(tmp_path / "out")]
    assert run(arguments) == 0
    assert "5 rows scored" in capsys.readouterr().out
    written = read_table(tmp_path / "out" / "scores.csv")
    assert written["withheld"].fillna("").tolist() == ["", "", "a covariate is missing", "", ""]
    assert written["probability"].isna().tolist() == [False, False, True, False, False]
    assert written["group"].isna().tolist() == [False, False, True, False, False]
    assert run([*arguments, "--reports"]) == 2
    assert "needs images" in capsys.readouterr().err


def test_a_validation_says_what_limits_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Simulated features are not those of any protocol, and the demonstration scaling is of another disease."""
    model = load_model("s1_escc_lpfs_radscore")
    table = cohort_table(load_recipe("s1_escc_lpfs_radscore"), 80, 1, list(model.features()))
    table.to_csv(tmp_path / "c.csv", index=False)
    assert run(["study", "validate", "s1_escc_lpfs_radscore", "--cohort", str(tmp_path / "c.csv"), "--out",
                str(tmp_path / "out"), "--scaling", "demonstration-sts-ct"]) == 0
    shown = capsys.readouterr().out
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for text in ("is a demonstration", "taken on trust", "SDs from that of the cohort"):
        assert text in shown and text in page


@pytest.mark.parametrize(("change", "message"), [
    (["--cohort", "absent.csv"], "does not exist"), (["--permutations", "-1"], "must not be negative"),
    (["--seed", "-4"], "--seed lies between"), (["--readings", "absent.csv"], "does not exist")])
def test_wrong_input_exits_with_2_and_leaves_nothing(inputs: tuple[Path, Path], tmp_path: Path, change: list[str],
                                                     message: str, capsys: pytest.CaptureFixture[str]) -> None:
    recipe, cohort = inputs
    arguments = ["study", "run", str(recipe), "--cohort", str(cohort), "--out", str(tmp_path / "out")]
    assert run([*arguments, *change]) == 2
    assert message in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_a_folder_of_the_users_is_not_replaced(inputs: tuple[Path, Path], tmp_path: Path,
                                               capsys: pytest.CaptureFixture[str]) -> None:
    recipe, cohort = inputs
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert run(["study", "run", str(recipe), "--cohort", str(cohort), "--out", str(tmp_path / "mine")]) == 2
    assert "is no earlier result" in capsys.readouterr().err
    (tmp_path / "mine" / "study.json").write_text("{}", encoding="utf-8")  # an earlier result with a note beside it
    assert run(["study", "run", str(recipe), "--cohort", str(cohort), "--out", str(tmp_path / "mine")]) == 2
    assert "study.json' would be overwritten" in capsys.readouterr().err
    assert run(["study", "run", str(recipe), "--cohort", str(cohort), "--out", str(tmp_path / "mine"), "--force"]) == 2
    assert "holds something else beside an earlier result (thesis.txt)" in capsys.readouterr().err
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize(("failing", "error"), [
    (1, PermissionError(13, "is open")), (2, PermissionError(13, "is open")), (2, KeyboardInterrupt())])
def test_a_folder_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int,
                                                          error: BaseException) -> None:
    """As on Windows when a table of it is open, or when the run is cancelled in that moment."""
    out, rename, calls = tmp_path / "out", Path.rename, []
    out.mkdir()
    (out / "study.json").write_text("earlier", encoding="utf-8")

    def refuse(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == failing:
            raise error
        return rename(self, target)

    with (pytest.raises(FileError if isinstance(error, OSError) else KeyboardInterrupt),
          study_writing.whole_folder(out, "study.json") as folder):
        (folder / "study.json").write_text("new", encoding="utf-8")
        monkeypatch.setattr(Path, "rename", refuse)
    assert contents(tmp_path) == {"out/study.json": b"earlier"} and list(tmp_path.iterdir()) == [out]
    monkeypatch.undo()
    with study_writing.whole_folder(out, "study.json") as folder:
        (folder / "study.json").write_text("new", encoding="utf-8")
    assert contents(tmp_path) == {"out/study.json": b"new"} and list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("step", [(engine, "build_model"), (report_folder, "save_figure")])
def test_cancelling_leaves_no_file_and_the_earlier_result(inputs: tuple[Path, Path], finished: Path, tmp_path: Path,
                                                          monkeypatch: pytest.MonkeyPatch, step: tuple) -> None:
    recipe, cohort = inputs
    arguments = ["study", "run", str(recipe), "--cohort", str(cohort), "--out", str(tmp_path / "out"), "--force"]
    shutil.copytree(finished, tmp_path / "out")
    before, beside = contents(tmp_path / "out"), set(tmp_path.iterdir())

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(*step, interrupt)
    assert run(arguments) == 130
    assert contents(tmp_path / "out") == before
    assert set(tmp_path.iterdir()) == beside


# Truth: what R's cv.glmnet selects on the same folds (Testing/benchmarks/recipe_truth.py)


@pytest.mark.parametrize("case", TRUTH["cases"][1:3], ids=lambda case: f"seed {case['seed']}")
def test_the_recipe_selects_what_r_selects(case: dict) -> None:
    table, features = truth_cohort(case["seed"])
    assert float(table[features].to_numpy().sum()) == pytest.approx(case["checksum"], rel=1e-12)
    study = run_study(truth_recipe(), table).result
    assert [term.feature for term in study.signatures[0].terms] == case["selected"] == case["selected_tight"]
    assert study.signatures[0].penalised.index_min + 1 == case["index"]
    validation = study.models[0].cohorts[1].survival.concordance
    assert validation.c == pytest.approx(case["c_tight"], abs=1e-9)
    assert validation.c == pytest.approx(case["c"], abs=0.005)  # R's default convergence


def test_over_twenty_cohorts_the_record_agrees_with_r() -> None:
    """What the benchmark recorded: every selection equals R's converged one, every C-index is within 0.005."""
    assert len(TRUTH["cases"]) == 20
    for case in TRUTH["cases"]:
        assert case["ours"]["selected"] == case["selected_tight"]
        assert abs(case["ours"]["c"] - case["c"]) <= 0.005
    some = [c for c in TRUTH["without_signal"] if c is not None]
    assert abs(sum(some) / len(some) - 0.5) < 0.05


# What must be installed


def imported_by_studies() -> list[str]:
    """Return the packages that a study's rooms import beside the standard library and what scoring needs."""
    library, given = MODULE / "RadiomicsPrognosisLib", {"numpy", "scipy", "SimpleITK", "vtk", "vtkmodules"}
    imported = set()
    for path in (path for room in ("study", "estimates", "statistics") for path in (library / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else \
                [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            imported |= {name.partition(".")[0] for name in names}
    return sorted(imported - given - set(sys.stdlib_module_names))


@pytest.mark.parametrize("package", imported_by_studies())
def test_a_missing_package_is_named_with_what_to_do(package: str, tmp_path: Path) -> None:
    program = (f"import sys; sys.modules[{package!r}] = None\n"
               "from RadiomicsPrognosisLib.cli.main import run\n"
               "sys.exit(run(['study', 'run', 's1_escc_lpfs_radscore', '--cohort', 'no.csv', '--out', 'out']))")
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(MODULE)})
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert package in done.stderr and "pip install" in done.stderr
