"""What a run that imitates is asked for and what it leaves behind."""

from __future__ import annotations

import errno
import json
import math
import os
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cloner import TINY, record, tiny
from same import assert_same, log

from robomem import policy
from robomem.data.imitation import Loading
from robomem.errors import ConfigError, DataError, EnvironmentFault, SpaceError, StorageError, UnknownNameError
from robomem.rollout import play
from robomem.train import adam_config, config_file
from robomem.train.adam import Diverged
from robomem.train.checkpoints import Checkpoints
from robomem.train.imitation import config as config_module
from robomem.train.imitation import settings as settings_module
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.names import imitation_presets
from robomem.train.imitation.run import train
from robomem.train.imitation.settings import OptimConfig
from robomem.train.trail import evaluation_seeds

FOLLOW = "robomem-tests/Follow-v0"
NOISE = {"noise": 0.1}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("robomem.train.pictures.film", lambda policy, env, seeds, path, **_: path.write_bytes(b"film"))
        return train(tiny(data, tmp_path_factory.mktemp("runs") / "run", logger=("tensorboard",)))


# What a run leaves behind


def test_the_folder_is_that_of_every_run(run: Path, data: Path) -> None:
    names = {path.name for path in run.iterdir()} - {".lock"}
    assert names == {
        *("config.yaml", "facts.json", "checkpoints", "policy", "policy-last", "evaluations.jsonl"),
        *("progress.csv", "tensorboard", "curve.png", "rollout.mp4", "result.json"),
    }
    assert config_file.read(run / "config.yaml") == tiny(data, run, env=FOLLOW, logger=("tensorboard",))
    assert json.loads((run / "facts.json").read_text())[0]["packages"]["accelerate"]


def test_evaluations_can_be_repeated_from_what_was_saved(run: Path) -> None:
    """The averaged weights are what is played and what is saved, as last and as best."""
    lines = [json.loads(line) for line in (run / "evaluations.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [8, 16, 24]
    for folder, line in [("policy-last", lines[-1]), ("policy", policy.info(run)["evaluation"])]:
        rows = play(policy.load(run / folder), FOLLOW, evaluation_seeds(TINY))
        assert line["return"] == np.mean([row.return_ for row in rows])
        assert line["success"] == np.mean([row.success for row in rows])
    result = json.loads((run / "result.json").read_text())
    assert result["last"] == lines[-1]
    assert result["best"] == max(lines, key=lambda line: (line["success"], line["return"]))
    assert min(result["seconds"], result["cpu_seconds"]) > 0
    info = policy.info(run)
    assert (info["env"], info["policy"], info["step"]) == (FOLLOW, "test-cloner", result["best"]["step"])


def test_the_log_is_the_mean_of_every_step(run: Path) -> None:
    rows = [row for row in log(run) if row["train/loss"]]
    assert [int(row["time/total_timesteps"]) for row in rows] == [5, 10, 15, 20, 24]
    assert all(math.isfinite(float(row["train/loss"])) and float(row["train/grad_norm"]) > 0 for row in rows)
    assert float(rows[-1]["train/learning_rate"]) < float(rows[1]["train/learning_rate"])
    assert [int(row["time/total_timesteps"]) for row in log(run) if row["eval/validation_loss"]] == [8, 16, 24]


def test_events_that_are_guessed_are_said_to_be(tmp_path: Path, data: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = tiny(data, tmp_path / "run", loading=replace(TINY.loading, sampler="event"), steps=8)
    assert policy.info(train(config))["sampler"] == "event"
    assert "events are guessed from peaks of change" in caplog.text


def test_frozen_weights_are_no_part_of_checkpoints(run: Path) -> None:
    checkpoint = Checkpoints(run / "checkpoints").load()
    assert checkpoint is not None
    assert {"frozen", "seen", "head.bias"} & checkpoint.groups["weights"].keys() == {"seen", "head.bias"}
    assert "frozen" in policy.load(run).arrays()


def test_memory_is_learnt_where_it_is_needed(tmp_path: Path) -> None:
    """What was shown at the first step alone must be repeated: without memory the mean is the best one can do."""
    data = record(tmp_path / "data", 60)
    config = replace(
        TINY, steps=400, eval_every=400, eval_episodes=20, optim=OptimConfig(learning_rate=2e-2, warmup=10)
    )
    config = replace(config, loading=Loading(sampler="window", groups=16, frames=(8, 8)))
    found = {}
    for memory in (True, False):
        folder = train(tiny(data, tmp_path / str(memory), config, policy_kwargs={"memory": memory}))
        found[memory] = json.loads((folder / "result.json").read_text())["last"]
    assert found[True]["success"] > 0.9
    assert found[False]["success"] < 0.6
    assert found[True]["validation_loss"] < 0.1 * found[False]["validation_loss"]


def test_data_of_no_simulator_are_judged_by_held_out_demonstrations(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = train(tiny(record(tmp_path / "data", env=False), tmp_path / "run"))
    lines = [json.loads(line) for line in (folder / "evaluations.jsonl").read_text().splitlines()]
    assert "do not say where they were recorded" in caplog.text
    assert all(line["success"] is None and line["validation_loss"] > 0 for line in lines)
    best = json.loads((folder / "result.json").read_text())["best"]
    assert best["validation_loss"] == min(line["validation_loss"] for line in lines)
    assert (folder / "curve.png").exists()
    assert "env" not in policy.info(folder)


def test_without_any_evaluation_the_last_policy_is_the_policy(tmp_path: Path, data: Path) -> None:
    folder = train(tiny(data, tmp_path / "run", held_out=0.0, eval_episodes=0, steps=8))
    assert (folder / "policy" / "manifest.json").exists()
    assert (folder / "policy-last" / "manifest.json").exists()


# What goes wrong


def test_a_gradient_that_is_not_finite_stops_before_anything_is_overwritten(tmp_path: Path, data: Path) -> None:
    poisoned = tiny(data, tmp_path / "run", policy_kwargs={"poison": 14}, eval_every=4)
    with pytest.raises(Diverged, match=r"At step 13 the gradient is not finite \(loss nan\).*step-0+12; robomem train"):
        train(poisoned)
    checkpoint = Checkpoints(tmp_path / "run" / "checkpoints").load()
    assert checkpoint is not None
    assert checkpoint.step == 12
    assert all(np.isfinite(array).all() for array in policy.load(tmp_path / "run").arrays().values())


def test_an_environment_that_breaks_names_what_is_kept(tmp_path: Path, data: Path) -> None:
    with pytest.raises(EnvironmentFault, match="No checkpoint had been due"):
        train(tiny(data, tmp_path / "run", env=FOLLOW, env_kwargs={"broken": True}))


def test_a_full_disk_says_so_and_keeps_what_was_saved(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, original = tmp_path / "run", os.fsync

    def fsync(handle: int) -> None:
        if (out / "checkpoints" / "latest.json").exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(handle)

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fsync)
        with pytest.raises(StorageError, match=r"No space left.*free some space"):
            train(tiny(data, out))
    checkpoint = Checkpoints(out / "checkpoints").load()
    assert checkpoint is not None
    train(resume=out)
    assert json.loads((out / "result.json").read_text())["step"] == 24


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"policy": "test-clone"}, UnknownNameError, "Did you mean 'test-cloner'"),
        ({"policy_kwargs": {"chunks": 3}}, ConfigError, "test-cloner refused its policy_kwargs.*'chunks'"),
        ({"data": ()}, ConfigError, "--data"),
        ({"data": ("nowhere",)}, DataError, "nowhere does not exist"),
        ({"observation": ("pixels",)}, DataError, "no observation 'pixels'"),
        ({"env": "robomem-tests/Folow-v0"}, UnknownNameError, "Follow"),
        ({"env": "Pendulum-v1"}, SpaceError, "policy was made for observations"),
        ({"held_out": 0.99}, ConfigError, "leaves none to learn from"),
        ({"logger": ("wandb",)}, ConfigError, "pip install wandb"),
        ({"device": "mps"}, ConfigError, "device mps was asked for; this machine offers"),
    ],
)
def test_what_cannot_be_trained_is_refused_and_leaves_no_run(
    tmp_path: Path, data: Path, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    config = replace(tiny(data, tmp_path / "run"), **changes)
    with pytest.raises(error, match=message):
        train(config)
    assert not (tmp_path / "run" / "config.yaml").exists()


@pytest.mark.parametrize(
    "changes",
    [
        *({"steps": 0}, {"seed": -1}, {"log_every": 0}, {"eval_every": True}, {"data": "x"}, {"data": ("a", "a")}),
        *({"held_out": 1.0}, {"held_out": "x"}, {"env_kwargs": [1]}, {"logger": ("tensorbord",)}, {"device": "gpu"}),
        *({"loading": {}}, {"optim": {}}, {"workers": -1}, {"policy": ""}, {"observation": "pixels"}),
    ],
)
def test_values_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(changes))):
        replace(TINY, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        *({"learning_rate": 0.0}, {"learning_rate": math.nan}, {"weight_decay": -1.0}, {"betas": (0.9,)}),
        *({"betas": (0.9, 1.0)}, {"clip_norm": 0.0}, {"warmup": -1}, {"decay": 1.5}, {"ema": 1.0}, {"accumulate": 0}),
        {"precision": "fp16"},
    ],
)
def test_hyper_parameters_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"optim.{next(iter(changes))}"):
        replace(OptimConfig(), **changes)


def test_groups_must_be_dealt_evenly() -> None:
    with pytest.raises(ConfigError, match=r"loading.groups 4 .* optim.accumulate 3"):
        replace(TINY, optim=replace(TINY.optim, accumulate=3))


def test_every_field_is_documented() -> None:
    for modules, kind in (((config_module,), ImitationConfig), ((settings_module, adam_config), OptimConfig)):
        source = "".join(Path(module.__file__ or "").read_text() for module in modules)
        for field in fields(kind):
            assert re.search(rf'\n    {field.name}: [^\n]+\n    """[^\n]+\."""\n', source), field.name


@pytest.mark.parametrize("name", sorted(imitation_presets))
def test_presets_are_configurations_that_survive_their_file(name: str, tmp_path: Path) -> None:
    preset = imitation_presets[name]()
    assert (imitation_presets[name].__doc__ or "").strip().endswith(".")
    config_file.write(preset, tmp_path / "c.yaml")
    assert config_file.read(tmp_path / "c.yaml") == preset


def test_the_papers_batch_is_256_frames() -> None:
    paper = imitation_presets["paper"]()
    assert paper.loading.groups * paper.loading.frames[1] == 256


def test_bf16_multiplies_in_fewer_bits_and_keeps_weights_in_all(tmp_path: Path, data: Path) -> None:
    plain, short = (
        train(tiny(data, tmp_path / name, steps=8, optim=replace(TINY.optim, precision=name, ema=0.0)))
        for name in ("fp32", "bf16")
    )
    ours, theirs = (policy.load(run).arrays()["head.weight"] for run in (plain, short))
    assert ours.dtype == theirs.dtype == np.float32
    assert not np.array_equal(ours, theirs)
    np.testing.assert_allclose(ours, theirs, atol=0.05)


def test_a_loss_that_cannot_be_compiled_goes_on_uncompiled(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where half of the noise was drawn when it failed."""

    def half_done(function: Any) -> Any:
        def run(batch: Any, memory: Any, generator: torch.Generator) -> Any:
            torch.rand(5, generator=generator)
            raise torch._dynamo.exc.Unsupported("no compiler here")

        return run

    monkeypatch.setattr(torch, "compile", half_done)
    runs = [
        train(
            tiny(
                data,
                tmp_path / str(compiled),
                steps=8,
                optim=replace(TINY.optim, compile=compiled),
                policy_kwargs=NOISE,
            )
        )
        for compiled in (True, False)
    ]
    assert caplog.text.count("could not be compiled and goes on uncompiled: no compiler here") == 1
    assert_same(*runs)
