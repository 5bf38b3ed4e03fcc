from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import pytest

from robomem import policy as waist
from robomem.cli.main import main
from robomem.evaluate.files import read


class Lean:
    """A CartPole policy with one weight."""

    kind: ClassVar[str] = "test-lean"

    def __init__(self, weight: float) -> None:
        env = gym.make("CartPole-v1")
        self.weight, self.observation_space, self.action_space = weight, env.observation_space, env.action_space

    def predict(self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = False):
        return (observation[:, 2] + self.weight * observation[:, 0] > 0).astype(np.int64), None

    def config(self) -> dict[str, Any]:
        return {}

    def arrays(self) -> dict[str, Any]:
        return {"weight": np.array([self.weight])}

    @classmethod
    def restore(cls, config: Mapping[str, Any], arrays: Mapping[str, Any], *spaces: Any) -> Lean:
        return cls(float(arrays["weight"][0]))


waist.policies.add("test-lean", Lean)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    waist.save(
        Lean(0.1), tmp_path / "run" / "policy", info={"env": "CartPole-v1", "env_kwargs": {"sutton_barto_reward": True}}
    )
    return tmp_path / "run"


def test_a_run_folder_knows_its_environment(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", str(saved), "--episodes", "12", "--film", "0"]) == 0
    evaluation = read(saved / "evaluation")
    assert (evaluation.env, evaluation.env_kwargs) == ("CartPole-v1", {"sutton_barto_reward": True})
    assert len(evaluation.rows) == 12
    assert evaluation.deterministic
    assert (saved / "evaluation" / "evaluation.md").exists()
    assert "12 episodes of CartPole-v1" in capsys.readouterr().out


def test_numbers_are_the_same_for_any_num_envs(saved: Path, tmp_path: Path) -> None:
    found = []
    for count in (1, 4, 16):
        out = tmp_path / str(count)
        argv = ["eval", str(saved), "--episodes", "20", "--num-envs", str(count), "--film", "0", "--out", str(out)]
        assert main(argv) == 0
        content = json.loads((out / "evaluation.json").read_text())
        found.append((content["rows"], content["result"]))
    assert found[0] == found[1] == found[2]
    assert len({row["return"] for row in found[0][0]} | {row["length"] for row in found[0][0]}) > 5


def test_arguments_add_to_those_of_training_only_in_the_same_environment(saved: Path, tmp_path: Path) -> None:
    argv = [
        "eval",
        str(saved),
        "--episodes",
        "1",
        "--film",
        "0",
        "--out",
        str(tmp_path / "o"),
        "--env",
        "test/OtherPole-v0",
    ]
    gym.register("test/OtherPole-v0", "gymnasium.envs.classic_control:CartPoleEnv", max_episode_steps=200)
    try:
        assert main(argv) == 0
        assert read(tmp_path / "o").env_kwargs == {}
    finally:
        del gym.registry["test/OtherPole-v0"]


@pytest.mark.parametrize("argv", [["zero", "--env", "CartPole-v1"], ["--policy", "random", "--env", "CartPole-v1"]])
def test_sanity_agents(argv: list[str], tmp_path: Path) -> None:
    assert main(["eval", *argv, "--episodes", "3", "--film", "0", "--out", str(tmp_path)]) == 0
    assert read(tmp_path).policy in {"zero", "random"}


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "Say which policy"),
        (["zero", "--policy", "random"], "Say which policy"),
        (["zero"], "give --env"),
        (["zer", "--env", "CartPole-v1"], "Did you mean 'zero'"),
        (["zero", "--env", "CartPol-v1"], "Did you mean 'CartPole-v1'"),
        (["expert", "--env", "CartPole-v1"], "has no expert_action"),
        (["runs/nowhere"], "does not exist"),
        (["zero", "--env", "CartPole-v1", "--episodes", "0"], "at least one"),
        (["zero", "--env", "CartPole-v1", "--env-kwargs", "delay=3"], "refused its arguments"),
        (["zero", "--env", "CartPole-v1", "--env-kwargs", "delay"], "delay"),
    ],
)
def test_mistakes_are_one_line_and_status_2(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    try:
        status = main(["eval", *argv, *(["--out", str(tmp_path)] if argv else [])])
    except SystemExit as stop:
        status = int(str(stop.code))
    shown = capsys.readouterr().err
    assert status == 2
    assert message in shown
    assert "Traceback" not in shown
    assert not list(tmp_path.iterdir())


class Bomb:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("shape", ["policy.pkl", "model.zip", "weights.pt", "folder", "disguised"])
def test_a_malicious_pickle_is_refused_and_not_run(
    shape: str, tmp_path: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark, offered = tmp_path / "it-ran", tmp_path / shape
    bomb = pickle.dumps(Bomb(mark))
    pickle.loads(pickle.dumps(Bomb(tmp_path / "proof")))
    assert (tmp_path / "proof").exists(), "the bomb works where pickle is read"
    if shape == "model.zip":
        with zipfile.ZipFile(offered, "w") as archive:
            archive.writestr("data.pkl", bomb)
    elif shape == "folder":
        offered.mkdir()
        for name in ("policy.pkl", "data.pkl", "pytorch_model.bin", "manifest.json"):
            (offered / name).write_bytes(bomb)
    elif shape == "disguised":
        offered = saved
        next((saved / "policy").glob("*.safetensors")).write_bytes(bomb)
    else:
        offered.write_bytes(bomb)
    assert main(["eval", str(offered), "--env", "CartPole-v1"]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not mark.exists()
