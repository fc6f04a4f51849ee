"""What the command line does for the person who types: suggestions, examples, completion, recipes to begin with."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from RadiomicsPrognosisLib.cli.completion import SHELLS
from RadiomicsPrognosisLib.cli.examples import EXAMPLES
from RadiomicsPrognosisLib.cli.main import make_parser, run
from RadiomicsPrognosisLib.cli.parser import whole_commands
from RadiomicsPrognosisLib.resources import listing
from RadiomicsPrognosisLib.suggestions import did_you_mean, near_names

CASE = ["score", "--image", "none.nrrd", "--mask", "none.nrrd"]
S1 = [*CASE, "--model", "s1_escc_lpfs_radscore", "--scaling", "demonstration-sts-ct"]


@pytest.mark.parametrize(("arguments", "suggestion"), [
    (["scroe"], "Did you mean 'score'?"),
    (["models", "shw", "x"], "Did you mean 'show'?"),
    ([*CASE, "--modle", "s2_escc_ln_response"], "Did you mean '--model'?"),
    ([*CASE, "--model=s2_escc_ln_response", "--lable=1"], "Did you mean '--label'?"),
    ([*CASE, "--model", "s2"], "Did you mean 's2_escc_ln_control_2y' or 's2_escc_ln_response'?"),
    ([*CASE, "--model", "S2_ESCC_LN_RESPONCE"], "Did you mean 's2_escc_ln_response'?"),
    ([*S1, "--covariate", "nstage=N1"], "Did you mean 'n_stage'?"),
    ([*S1, "--covariate", "complete_response=yess"], "Did you mean 'yes'?"),
    ([*CASE, "--model", "s1_escc_lpfs_radscore", "--scaling", "demo"], "There is no scaling 'demo'"),
    ([*CASE, "--model", "s1_escc_lpfs_radscore", "--scaling", "demonstration"], "Did you mean 'demonstration-sts-ct'?"),
    (["extract", "--cohort", "c.csv", "--protocol", "ct-hu50", "--out", "x"], "Did you mean 'ct-hu50-1mm-wavelet'?"),
    (["recipes", "show", "s3"], "Did you mean 's3_escc_early_recurrence'?"),
])
def test_what_is_misspelt_is_refused_with_what_may_be_meant(arguments: list[str], suggestion: str,
                                                            capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert suggestion in captured.err


def test_no_name_is_suggested_that_is_not_near() -> None:
    assert did_you_mean("s9", ["s1_escc", "s2_escc"]) == ""
    assert did_you_mean("", ["a"]) == ""
    assert did_you_mean("N9", ["N0", "N1", "N2"]) == ""
    assert near_names("yes", []) == []
    assert near_names("radscore", ["s1_radscore", "radscroe", "s2_response"]) == ["s1_radscore"]
    assert did_you_mean("ab", ["ab_1", "ab_2", "ab_3"]) == " Did you mean 'ab_1', 'ab_2' or 'ab_3'?"


def test_a_misspelt_key_of_a_recipe_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["recipes", "new", str(tmp_path / "mine.toml")]) == 0
    path = tmp_path / "mine.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("population =", "populaton ="), encoding="utf-8")
    assert run(["recipes", "show", str(path)]) == 2
    path.write_text(path.read_text(encoding="utf-8").replace("populaton =", "population ="
                                                             ).replace("bootstrap =", "boostrap ="), encoding="utf-8")
    assert run(["recipes", "show", str(path)]) == 2
    assert "Did you mean 'bootstrap'?" in capsys.readouterr().err


def test_no_example_is_of_a_command_that_is_none() -> None:
    assert set(EXAMPLES) == {name for name, _ in whole_commands(make_parser())}


@pytest.mark.parametrize("name", [name for name, _ in whole_commands(make_parser())])
def test_every_command_shows_an_example_that_its_parser_takes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = make_parser()
    with pytest.raises(SystemExit):
        parser.parse_args([*name.split(), "--help"])
    shown = capsys.readouterr().out
    line = shown.split("example:\n")[1].strip()
    assert line == f"radiomics-prognosis {name} {EXAMPLES[name]}".strip()
    words = shlex.split(line)[1:]
    options = parser.parse_args(words[:words.index(">")] if ">" in words else words)
    for kind in {"model", "protocol", "recipe", "origin_recipe"} & set(vars(options)):
        suffix, folder = (".json", "Models") if kind == "model" else \
            (".toml", "Protocols" if kind == "protocol" else "Recipes")
        assert getattr(options, kind) is None or getattr(options, kind) in listing(folder, suffix)


def test_recipes_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["recipes", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(listing("Recipes", ".toml"))
    assert run(["recipes", "show", "s1_escc_lpfs_radscore"]) == 0
    shown = capsys.readouterr().out
    for text in ("ct-hu50-1mm-wavelet", "complete_response", "LASSO at min of 10 folds", "ICC(2,1) of at least 0.9"):
        assert text in shown


@pytest.mark.parametrize("origin", [[], ["--from", "s2_escc_ln_response"]])
def test_a_new_recipe_can_be_read_under_its_own_name_and_replaces_nothing(
        origin: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my-study.toml"
    assert run(["recipes", "new", str(path), *origin]) == 0
    assert run(["recipes", "show", str(path)]) == 0
    assert "my-study 1.0.0" if origin else "my-study 0.1.0" in capsys.readouterr().out
    path.write_text("mine", encoding="utf-8")
    assert run(["recipes", "new", str(path), *origin]) == 2
    assert path.read_text(encoding="utf-8") == "mine"
    assert run(["recipes", "new", str(path), *origin, "--force"]) == 0
    assert path.read_text(encoding="utf-8") != "mine"
    assert run(["recipes", "new", str(tmp_path / "no good.toml")]) == 2


@pytest.fixture(scope="module")
def scripts() -> dict[str, str]:
    """The completion script of each shell, as the command prints it."""
    pytest.importorskip("shtab")
    from RadiomicsPrognosisLib.cli.completion import completion_script

    return {shell: completion_script(make_parser(), shell) for shell in SHELLS}


#: How each shell says what would be completed; the script is at $1.
COMPLETED = {
    "bash": "source $1; COMP_WORDS=({words} ''); COMP_CWORD={number}; _shtab_radiomics_prognosis; "
            'printf "%s\\n" "${{COMPREPLY[@]}}"',
    "fish": "source $argv[1]; complete --do-complete '{line} '",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_reads_its_script(shell: str, scripts: dict[str, str], tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    path = tmp_path / "script"
    path.write_text(scripts[shell], encoding="utf-8")
    subprocess.run([shell, "-n", str(path)], check=True, capture_output=True)


@pytest.mark.parametrize("shell", COMPLETED)
@pytest.mark.parametrize(("line", "expected"), [
    ("radiomics-prognosis", {"score", "demo", "recipes", "completion"}),
    ("radiomics-prognosis models", {"list", "show", "check"}),
    ("radiomics-prognosis score --model", {"s1_escc_lpfs_radscore", "s2_escc_ln_response"}),
    ("radiomics-prognosis recipes show", {"s1_escc_lpfs_radscore", "s4_gnen_dl_survival"}),
    ("radiomics-prognosis completion", set(SHELLS)),
])
def test_the_shell_completes_commands_and_identifiers(shell: str, line: str, expected: set[str],
                                                      scripts: dict[str, str], tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    path = tmp_path / "script"
    path.write_text(scripts[shell], encoding="utf-8")
    program = COMPLETED[shell].format(words=line, number=len(line.split()), line=line)
    words = [shell, "--norc", "-c", program, shell] if shell == "bash" else [shell, "-c", program]
    done = subprocess.run([*words, str(path)], check=False, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert expected <= {row.split("\t")[0] for row in done.stdout.splitlines()}, done.stderr


def test_a_reader_that_has_enough_is_no_fault(tmp_path: Path) -> None:
    program = f"{sys.executable} -m RadiomicsPrognosisLib recipes list; echo $? > {tmp_path}/code"
    done = subprocess.run(["bash", "-c", f"({program}) | true"], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"})
    assert done.stderr == ""
    assert (tmp_path / "code").read_text().strip() == "141"


def test_completion_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch,
                                                             capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert run(["completion", "bash"]) == 2
    assert "pip install shtab" in capsys.readouterr().err
