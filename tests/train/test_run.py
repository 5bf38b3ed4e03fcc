"""What a run is asked for and what it leaves behind."""

from __future__ import annotations

import json
import logging
import math
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_runs import RECALL, TINY, log, tiny

from robomem import policy
from robomem.errors import ConfigError, EnvironmentFault, UnknownNameError
from robomem.rollout import play
from robomem.train import config_file, pictures, process, progress
from robomem.train.config import TrainConfig, presets
from robomem.train.ppo_config import PPOConfig
from robomem.train.run import train
from robomem.train.trail import evaluation_seeds

FRAGILE = "robomem-tests/Fragile-v0"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "film", lambda policy, env, seeds, path, **_: path.write_bytes(b"film"))
        return train(tiny(tmp_path_factory.mktemp("runs") / "run", RECALL, logger=("tensorboard",)))


# What a run leaves behind


def test_the_folder_holds_what_its_description_says(run: Path) -> None:
    names = {path.name for path in run.iterdir()} - {".lock"}
    assert names == {
        *("config.yaml", "facts.json", "checkpoints", "policy", "policy-last", "evaluations.jsonl"),
        *("progress.csv", "tensorboard", "curve.png", "rollout.mp4", "result.json"),
    }
    assert (run / "curve.png").read_bytes()[:4] == b"\x89PNG"
    assert list((run / "tensorboard").glob("events*"))
    assert config_file.read(run / "config.yaml") == tiny(run, RECALL, logger=("tensorboard",))
    facts = json.loads((run / "facts.json").read_text())
    assert facts[0]["packages"]["torch"]
    assert re.fullmatch(r"[0-9a-f]{40}(\+changes)?", facts[0]["git"])


def test_evaluations_can_be_repeated_from_what_was_saved(run: Path) -> None:
    """The last policy plays the held-out episodes as the last line says, and so does the best one as its own says."""
    lines = [json.loads(line) for line in (run / "evaluations.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [72, 144, 192]
    for folder, line in [("policy-last", lines[-1]), ("policy", policy.info(run)["evaluation"])]:
        rows = play(policy.load(run / folder), "recall-reach", evaluation_seeds(RECALL), env_kwargs=RECALL.env_kwargs)
        assert line["return"] == np.mean([row.return_ for row in rows])
        assert line["success"] == np.mean([row.success for row in rows])
        assert line["length"] == np.mean([row.length for row in rows])
    result = json.loads((run / "result.json").read_text())
    assert result["last"] == lines[-1]
    assert result["best"] == max(lines, key=lambda line: (line["success"], line["return"], line["step"]))
    assert result["step"] == 192
    assert result["seconds"] > 0
    info = policy.info(run)
    assert (info["env"], info["env_kwargs"], info["memory"]) == ("recall-reach", RECALL.env_kwargs, "gru")


def test_the_log_has_a_row_for_each_rollout(run: Path) -> None:
    rows = log(run)
    assert sorted({int(row["time/total_timesteps"]) for row in rows}) == list(range(24, 193, 24))
    assert all(row["rollout/ep_rew_mean"] for row in rows[1:] if not row["eval/success"])
    assert [int(row["time/total_timesteps"]) for row in rows if row["eval/success"]] == [72, 144, 192]
    assert all(math.isfinite(float(row["train/loss"])) for row in rows[1:] if row["train/loss"])


def test_a_renderer_that_fails_costs_the_film_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def film(*_: Any, **__: Any) -> None:
        raise RuntimeError("no GL here")

    monkeypatch.setattr(pictures, "film", film)
    done = train(tiny(tmp_path / "run", steps=24))
    assert "No film of the policy: no GL here" in caplog.text
    assert json.loads((done / "result.json").read_text())["step"] == 24


@pytest.mark.slow
def test_the_film_is_made(tmp_path: Path) -> None:
    done = train(tiny(tmp_path / "run", RECALL, steps=24))
    assert (done / "rollout.mp4").stat().st_size > 1000


@pytest.mark.parametrize("where", ["observation", "reward"])
def test_nan_from_an_environment_names_it_and_what_is_kept(tmp_path: Path, where: str) -> None:
    config = tiny(
        tmp_path / "run", env=FRAGILE, env_kwargs={"where": where, "when": 60}, eval_every=24, eval_episodes=1
    )
    checkpoint = rf"Nothing before is lost: the last checkpoint is .*step-\d+; robomem train --resume {config.out} "
    with pytest.raises(EnvironmentFault, match=rf"{FRAGILE} returned NaN or infinity as {where}.*{checkpoint}"):
        train(config)


def test_without_evaluations_the_last_policy_is_the_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "film", lambda *_, **__: None)
    done = train(tiny(tmp_path / "run", env=FRAGILE, env_kwargs={"where": "cut"}, eval_episodes=0, steps=48))
    assert (done / "policy" / "manifest.json").read_text() == (done / "policy-last" / "manifest.json").read_text()
    assert (done / "evaluations.jsonl").read_text() == ""


def test_unnamed_runs_get_numbered_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pictures, "draw", lambda *_: None)
    config = replace(TINY, steps=24, eval_episodes=0)
    assert [train(config) for _ in range(2)] == [Path("runs/CartPole-v1-gru-s5"), Path("runs/CartPole-v1-gru-s5-2")]


# What a run is asked for


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"env": "recal-reach"}, UnknownNameError, "recall-reach"),
        ({"algo": "memory_pp0"}, UnknownNameError, "memory_ppo"),
        ({"memory": "hcan"}, UnknownNameError, "hcam"),
        ({"memory_kwargs": {"widht": 8}}, ConfigError, "widht"),
        ({"policy_kwargs": {"haeds": [8]}}, ConfigError, "haeds.*heads"),
        ({"env": "recall-reach", "env_kwargs": {"dellay": 3}}, ConfigError, "dellay"),
        ({"logger": ("wandb",)}, ConfigError, "pip install wandb"),
        ({"logger": ("trackio",)}, ConfigError, "pip install trackio"),
    ],
)
def test_what_cannot_be_trained_is_refused_and_leaves_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    monkeypatch.setitem(sys.modules, "trackio", None)
    config = tiny(tmp_path / "run", **changes)
    with pytest.raises(error, match=message):
        train(config)
    assert not (tmp_path / "run" / "config.yaml").exists()


@pytest.mark.parametrize(
    "changes",
    [
        *({"steps": 0}, {"steps": 1.5}, {"steps": True}, {"num_envs": 0}, {"seed": -1}, {"eval_every": 0}),
        *({"env": ""}, {"env_kwargs": {"a": {1, 2}}}, {"env_kwargs": {"a": math.nan}}, {"env_kwargs": [1]}),
        *({"logger": "wandb"}, {"logger": ("tensorbord",)}, {"ppo": {}}, {"eval_episodes": -1}, {"env_kwargs": {1: 2}}),
    ],
)
def test_values_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(changes))):
        replace(TINY, **changes)


def test_a_configuration_has_no_more_than_fifteen_fields_and_each_is_documented() -> None:
    assert len(fields(TrainConfig)) <= 15
    for kind in (TrainConfig, PPOConfig):
        source = Path(sys.modules[kind.__module__].__file__ or "").read_text()
        for field in fields(kind):
            assert re.search(rf'\n    {field.name}: [^\n]+\n    """[^\n]+\."""\n', source), field.name


@pytest.mark.parametrize("name", sorted(presets))
def test_presets_are_configurations_with_a_line_of_description(name: str) -> None:
    assert isinstance(presets[name](), TrainConfig)
    assert (presets[name].__doc__ or "").strip().endswith(".")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=5,
)
configurations = st.builds(
    TrainConfig,
    env=st.text(min_size=1, max_size=9).filter(str.strip),
    env_kwargs=st.dictionaries(st.text(max_size=5), json_values, max_size=3),
    steps=st.integers(1, 10**9),
    seed=st.integers(0, 2**40),
    ppo=st.builds(PPOConfig, gamma=st.floats(0, 1), target_kl=st.none() | st.floats(1e-6, 1), compile=st.just("on")),
    logger=st.lists(st.sampled_from(["tensorboard", "wandb", "trackio"]), max_size=2).map(tuple),
)


@settings(max_examples=15)
@given(config=configurations, other=configurations)
def test_yaml_gives_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, config: TrainConfig, other: Any
) -> None:
    path = tmp_path_factory.mktemp("yaml") / "config.yaml"
    config_file.write(config, path)
    assert config_file.read(path) == config
    assert not config_file.changed(config, config)
    assert bool(config_file.changed(config, other)) == (config != other)


def test_yaml_may_name_few_fields_and_write_numbers_as_people_do(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("steps: 1e6\nppo: {learning_rate: 3e-4, gamma: 1, target_kl: null}\nlogger: []\n")
    expected = replace(TrainConfig(), steps=1_000_000, ppo=PPOConfig(learning_rate=3e-4, gamma=1.0), logger=())
    assert config_file.read(path) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("memori: gru", r"no field 'memori'. Did you mean 'memory'"),
        ("ppo: {gama: 0.9}", r"no field 'ppo.gama'. Did you mean 'gamma'"),
        ("steps: many", "steps must be an integer, not 'many'"),
        ("steps: 1.5", "steps must be an integer"),
        ("steps: .inf", "steps must be an integer"),
        ("seed: true", "seed must be an integer"),
        ("ppo: {schedule: cosine}", "ppo.schedule must be one of constant, linear"),
        ("ppo: {gamma: 2}", "gamma must be a number in"),
        ("ppo: 3", "ppo.* must be a mapping"),
        ("logger: wandb", "logger must be a list"),
        ("env: 3", "env must be text"),
        ("env_kwargs: [1]", "env_kwargs must be a mapping"),
        ("- a\n- b", "must be a mapping"),
        ("env: !!python/object/apply:os.getcwd []", "cannot be read as YAML"),
        ("env: [", "cannot be read as YAML"),
    ],
)
def test_yaml_is_strict(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        config_file.read(tmp_path / "c.yaml")


def test_overrides_reach_inside() -> None:
    asked = config_file.overridden(TINY, {"ppo.gamma": 0.5, "env_kwargs.delay": 3, "memory": "lstm"})
    assert asked == replace(TINY, ppo=replace(TINY.ppo, gamma=0.5), env_kwargs={"delay": 3}, memory="lstm")
    for wrong in ("ppo.gama", "pp.gamma", "memori", "seed.x"):
        with pytest.raises(ConfigError):
            config_file.overridden(TINY, {wrong: 1})


# The process


def test_configurations_import_nothing_heavy() -> None:
    code = "import sys, robomem.train.config, robomem.train.presets; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "numpy", "gymnasium", "stable_baselines3", "matplotlib"} & set(loaded)


def test_progress_is_logged_where_there_is_no_terminal(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_EVERY_S", 0.0)
    caplog.set_level(logging.INFO)
    with progress.Progress(1000, 0, "gru in X") as line:
        line._started -= 10
        line.update(250, "success 0.50")
    assert re.search(r"gru in X: 250 of 1000 steps \(25%\), 25 steps/s, 30 s left, success 0.50", caplog.text)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone has mallopt")
def test_freed_memory_is_kept() -> None:
    assert process.keep_freed_memory()
