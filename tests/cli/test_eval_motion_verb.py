"""``robomem eval motion``: a saved model measured on a saved set, and what is said where something is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from motion_language import language

from robomem.cli.main import main
from robomem.evaluate.motion import read
from robomem.motion.motion_set import read as read_set
from robomem.motion.motion_set import write
from robomem_policies.motion.evaluator import Fitting, fit_evaluator
from robomem_policies.motion.model import TextToMotion

TINY = {"tokeniser_width": 16, "depth": 1, "codes": 8, "code_width": 8, "tokeniser_layers": 2, "width": 16, "layers": 1}
TINY |= {"residual_layers": 1, "state_size": 4, "head_size": 8, "heads": 2, "text_width": 16}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a set, one of other clips, a model that learnt nothing and an evaluator."""
    folder = tmp_path_factory.mktemp("motion")
    data = language({"train": 40, "val": 16, "test": 40}, segments=(1, 2))
    write(folder / "data", data)
    write(folder / "other", replace(data, entries=data.entries[1:]))
    TextToMotion.for_data(data, **TINY).save(folder / "run" / "model")
    fit_evaluator(read_set(folder / "data"), 0, Fitting(epochs=1, width=8, size=8)).save(folder / "evaluator")
    return folder


def test_a_run_is_measured_and_written(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["eval", "motion", str(made / "run"), "--data", str(made / "data"), "--evaluator", str(made / "evaluator")]
    assert main([*words, "--repetitions", "2", "--clips", "12", "--json"]) == 0
    found = read(made / "run" / "evaluation-motion")
    assert json.loads(capsys.readouterr().out) == found.to_json()
    assert set(found.groups) == {"actions", "compositions"}
    for group in found.groups.values():
        assert group.clips == 12
        assert group.scores["FID"]["made"].value > group.scores["FID"]["real"].value
        assert group.scores["direction by rule"]["real"].value > 0.9
        assert {"made", "real", "shuffled"} == set(group.scores["action"])
    assert main([*words, "--repetitions", "2", "--clips", "12", "--out", str(made / "again")]) == 0
    assert read(made / "again").groups == found.groups
    assert "actions: FID" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run"], "--data"),
        (["data", "--data", "data"], "model of motion"),
        (["nowhere", "--data", "data"], "holds no model of motion"),
        (["run", "--data", "nowhere"], "nowhere"),
        (["run", "--data", "other", "--evaluator", "evaluator"], "learnt from other data"),
        (["run", "--data", "data", "--repetitions", "0"], "at least 1"),
        (["run", "--data", "data", "--track", "1", "--robot", "humanoit"], "humanoid"),
    ],
)
def test_what_is_missing_is_said(
    made: Path, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(made)
    assert main(["eval", "motion", *words]) != 0
    assert said in " ".join(capsys.readouterr().err.split())


def test_an_evaluator_that_learnt_is_kept_and_found_again(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from robomem.cli.eval_motion import find_evaluator

    monkeypatch.chdir(made)
    data = read_set(made / "data")
    first = find_evaluator(data)
    (kept,) = (made / "runs" / "evaluators").iterdir()
    before = (kept / "manifest.json").read_bytes()
    second = find_evaluator(data)
    assert (kept / "manifest.json").read_bytes() == before
    assert second.facts == first.facts
