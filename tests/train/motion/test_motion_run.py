"""What a run that learns motion is asked for and what it leaves behind."""

from __future__ import annotations

import json
import math
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from alike import assert_alike, log
from mover import TINY, Mover, record, tiny

from robomem.errors import CheckpointError, ConfigError, DataError, UnknownNameError
from robomem.motion import motion_set as motion_sets
from robomem.motion.learners import load, motion_learners
from robomem.serialization import read_bundle
from robomem.train import adam_config, config_file
from robomem.train.adam import Diverged
from robomem.train.checkpoints import Checkpoints
from robomem.train.motion import config as config_module
from robomem.train.motion.config import MotionConfig, StageConfig
from robomem.train.motion.names import motion_presets
from robomem.train.motion.run import train
from robomem.train.start import train as start


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    return start(tiny(data, tmp_path_factory.mktemp("runs") / "run", logger=("tensorboard",)))


# What a run leaves behind


def test_the_folder_is_that_of_every_run(run: Path, data: Path) -> None:
    names = {path.name for path in run.iterdir()} - {".lock"}
    assert names == {
        *("config.yaml", "facts.json", "checkpoints", "model", "model-last", "stages", "evaluations.jsonl"),
        *("progress.csv", "tensorboard", "curve.png", "result.json"),
    }
    assert config_file.read(run / "config.yaml") == tiny(data, run, logger=("tensorboard",))


def test_every_stage_is_judged_on_clips_that_it_never_learns_from(run: Path) -> None:
    lines = [json.loads(line) for line in (run / "evaluations.jsonl").read_text().splitlines()]
    assert [(line["stage"], line["stage_step"]) for line in lines] == [
        *(("tokeniser", step) for step in (4, 8, 12)),
        *(("generator", step) for step in (4, 8, 10)),
        *(("residual", step) for step in (4, 6)),
    ]
    result = json.loads((run / "result.json").read_text())
    assert result["step"] == 28
    for stage in ("generator", "residual"):
        of_stage = [line for line in lines if line["stage"] == stage]
        assert result["last"][stage] == of_stage[-1]
        assert result["best"][stage]["validation_loss"] == min(line["validation_loss"] for line in of_stage)
    assert result["best"]["tokeniser"] == result["last"]["tokeniser"]
    rows = log(run)
    assert all(math.isfinite(float(row["generator/loss"])) for row in rows if row["generator/loss"])
    assert [int(row["time/total_timesteps"]) for row in rows if row["generator/loss"]] == [17, 22]


def test_the_models_are_made_of_the_stages(run: Path) -> None:
    last, best = Mover.load(run / "model-last"), load(run)
    assert isinstance(best, Mover)
    for stage in best.stages:
        for model, name in ((last, stage), (best, f"{stage}-best" if stage != "tokeniser" else stage)):
            kept = read_bundle(run / "stages" / name, "stage").arrays["weights"]
            for key, array in kept.items():
                assert np.array_equal(model.stage(stage).state_dict()[key].numpy(), array), (stage, key)


def test_frozen_weights_are_no_part_of_stages(run: Path) -> None:
    kept = read_bundle(run / "stages" / "generator", "stage").arrays["weights"]
    assert {"frozen", "updates", "head.weight"} & kept.keys() == {"updates", "head.weight"}


def test_without_clips_to_judge_the_last_is_the_best(tmp_path: Path) -> None:
    folder = train(tiny(record(tmp_path / "data", val=False), tmp_path / "run"))
    assert json.loads((folder / "result.json").read_text())["best"]["generator"]["validation_loss"] is None
    assert not (folder / "curve.png").exists()
    ours, theirs = (Mover.load(folder / name).state_dict() for name in ("model", "model-last"))
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


# Stages of other runs


def test_a_generator_on_another_runs_tokeniser(tmp_path: Path, data: Path, run: Path) -> None:
    """It is that of the run in which both learnt, and takes the residual stage, too."""
    folder = train(tiny(data, tmp_path / "run", stages=("generator",), earlier=str(run)))
    for stage in ("tokeniser", "generator", "residual"):
        ours, theirs = (read_bundle(each / "stages" / stage, "stage").arrays["weights"] for each in (folder, run))
        assert all(np.array_equal(ours[name], theirs[name]) for name in theirs), stage
    assert (folder / "model" / "manifest.json").exists()


def test_a_tokeniser_alone_is_no_model_yet(tmp_path: Path, data: Path) -> None:
    folder = train(tiny(data, tmp_path / "run", stages=("tokeniser",)))
    assert not (folder / "model").exists()
    with pytest.raises(CheckpointError, match="without a finished model"):
        load(folder)
    with pytest.raises(CheckpointError, match=r"no finished tokeniser; give --from"):
        train(tiny(data, tmp_path / "other", stages=("generator",), earlier=str(tmp_path / "nowhere")))


def test_stages_of_other_data_or_sizes_are_refused(tmp_path: Path, data: Path, run: Path) -> None:
    other = record(tmp_path / "other", seed=9)
    with pytest.raises(ConfigError, match=r"tokeniser in .* learnt from other data"):
        train(tiny(other, tmp_path / "run", stages=("generator",), earlier=str(run)))
    wide = {"stages": ("generator", "residual"), "earlier": str(run), "model_kwargs": {"width": 7}}
    with pytest.raises(CheckpointError, match="tokeniser are of another architecture"):
        train(tiny(data, tmp_path / "run", **wide))
    assert not (tmp_path / "run" / "config.yaml").exists()


# What goes wrong


def test_a_gradient_that_is_not_finite_stops_before_anything_is_overwritten(tmp_path: Path, data: Path) -> None:
    with pytest.raises(Diverged, match=r"At step 6 of the generator .*\(loss nan\).*step-0+16; robomem train --resume"):
        train(tiny(data, tmp_path / "run", model_kwargs={"poison": 7}))
    checkpoint = Checkpoints(tmp_path / "run" / "checkpoints").load()
    assert checkpoint is not None
    assert checkpoint.step == 16
    assert all(np.isfinite(array).all() for array in checkpoint.groups["weights"].values())


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"model": "text_to_motoin"}, UnknownNameError, "Did you mean 'text_to_motion'"),
        ({"model_kwargs": {"widht": 3}}, ConfigError, "mover refused its model_kwargs.*'widht'"),
        ({"data": ""}, ConfigError, "--data"),
        ({"data": "nowhere"}, DataError, "nowhere does not exist"),
        ({"logger": ("wandb",)}, ConfigError, "pip install wandb"),
        ({"device": "mps"}, ConfigError, "device mps was asked for; this machine offers cpu"),
        ({"longest": 3}, DataError, "No clip has 4 to 3 frames"),
    ],
    ids=lambda each: str(*each) if isinstance(each, dict) else "",
)
def test_what_cannot_be_trained_is_refused(
    tmp_path: Path, data: Path, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        train(replace(tiny(data, tmp_path / "run"), **changes))
    assert not (tmp_path / "run" / "result.json").exists()


@pytest.mark.parametrize(
    "changes",
    [
        *({"seed": -1}, {"log_every": 0}, {"eval_every": True}, {"window": 4}, {"longest": 0}, {"segments": 1.5}),
        *({"stages": ("residual", "generator"), "earlier": "x"}, {"stages": ()}, {"device": "gpu"}, {"model": ""}),
        *({"generator": {}}, {"model_kwargs": [1]}, {"data": 3}, {"logger": ("tensorbord",)}),
    ],
    ids=str,
)
def test_values_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(changes))):
        replace(TINY, **changes)


def test_what_is_taken_and_what_learns_must_fit() -> None:
    with pytest.raises(ConfigError, match="from must be a run"):
        replace(TINY, stages=("generator",))
    with pytest.raises(ConfigError, match="from must be left out"):
        replace(TINY, earlier="run")
    with pytest.raises(UnknownNameError, match="Did you mean 'generator'"):
        replace(TINY, stages=("generatr",), earlier="run")


@pytest.mark.parametrize("changes", [{"steps": 0}, {"batch": 0}, {"learning_rate": math.nan}, {"decay": 2.0}])
def test_stages_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"a stage.{next(iter(changes))}"):
        replace(StageConfig(), **changes)


def test_every_field_is_documented() -> None:
    source = "".join(Path(module.__file__ or "").read_text() for module in (config_module, adam_config))
    for kind in (MotionConfig, StageConfig):
        for field in fields(kind):
            assert re.search(rf'\n    {field.name}: [^\n]+\n    """[^\n]+\."""\n', source), field.name


@pytest.mark.parametrize("name", sorted(motion_presets))
def test_presets_are_configurations_that_fit_the_model_and_survive_their_file(
    name: str, tmp_path: Path, data: Path
) -> None:
    preset = motion_presets[name]()
    config_file.write(preset, tmp_path / "c.yaml")
    assert config_file.read(tmp_path / "c.yaml") == preset
    if preset.model_kwargs.get("text") == "minilm":  # weights of a package that tests need not have
        preset.model_kwargs["text"] = "words"
    model = motion_learners[preset.model].for_data(motion_sets.read(data), **preset.model_kwargs)
    assert tuple(model.stages) == preset.stages


def test_the_papers_numbers() -> None:
    paper = motion_presets["paper"]()
    assert (paper.tokeniser.batch, paper.generator.batch, paper.window) == (256, 64, 64)
    assert (paper.model_kwargs["tokeniser_layers"], paper.model_kwargs["layers"]) == (6, 4)


# The real model


@pytest.fixture(scope="module")
def debug(tmp_path_factory: pytest.TempPathFactory, data: Path) -> tuple[MotionConfig, Path]:
    """The preset debug, on the tests' clips."""
    config = replace(motion_presets["debug"](), data=str(data), seed=1)
    return config, train(replace(config, out=str(tmp_path_factory.mktemp("debug") / "run")))


def test_the_debug_preset_makes_a_model_that_moves(debug: tuple[MotionConfig, Path]) -> None:
    model = load(debug[1])
    one, again = (model.generate("wave the left hand; bow", seconds=[1.0, 2.0], seed=5)[0] for _ in range(2))
    assert one.body.name == "torso"
    assert [segment.text for segment in one.segments] == ["wave the left hand", "bow"]
    assert [segment.end - segment.start for segment in one.segments] == [20, 40]
    assert np.array_equal(one.pose, again.pose)


def test_it_resumes_to_the_bit(
    debug: tuple[MotionConfig, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also codebooks, which follow a running mean, and words in the residual stage."""
    from test_motion_resume import signal_at

    from robomem.train.stopping import Interrupted

    config, whole = debug
    folder = tmp_path / "run"
    signal_at(monkeypatch, {7, 28, 47}, lengths=(20, 20))
    for resume in (None, folder, folder):
        with pytest.raises(Interrupted):
            train(replace(config, out=str(folder)) if resume is None else None, resume=resume)
    train(resume=folder)
    assert_alike(whole, folder)
