from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import gymnasium as gym
import imageio.v2 as imageio
import numpy as np
import pytest

from robomem.cli.main import main


class Timer(gym.Env):
    """Succeeds after ``steps`` steps."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 12}
    observation_space = gym.spaces.Box(-1, 1, (1,), np.float32)
    action_space = gym.spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self, steps: int = 5, render_mode: str | None = None) -> None:
        self.steps, self.render_mode = steps, render_mode

    def reset(self, *, seed: int | None = None, options: Any = None):
        super().reset(seed=seed)
        self.left = self.steps
        return np.zeros(1, np.float32), {}

    def step(self, action: Any):
        self.left -= 1
        return np.zeros(1, np.float32), 1.0, self.left == 0, False, {"success": self.left == 0}

    def render(self) -> Any:
        return np.full((64, 320, 3), 10 * self.left, np.uint8)


@pytest.fixture(autouse=True, scope="module")
def _timer() -> Any:
    gym.register("test/Timer-v0", Timer)
    yield
    del gym.registry["test/Timer-v0"]


def test_play_films_and_tells_what_happened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "p.mp4"
    argv = ["play", "test/Timer-v0", "--policy", "zero", "--episodes", "2", "--out", str(path)]
    assert main([*argv, "--env-kwargs", "steps=7"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("success after 7 steps (the task ended), return 7.00") == 2
    assert "zero in test/Timer-v0 steps=7" in shown
    reader = imageio.get_reader(path)
    assert sum(1 for _ in reader) == 16
    assert reader.get_meta_data()["fps"] == 12


def test_without_a_display_the_film_goes_to_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert main(["play", "test/Timer-v0", "--episodes", "1"]) == 0
    assert (tmp_path / "runs" / "play" / "random-Timer-v0.mp4").exists()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "give --env"),
        (["test/Timer-v0", "--env", "CartPole-v1"], "which one?"),
        (["test/Timr-v0"], "Did you mean"),
        (["test/Timer-v0", "--policy", "exprt"], "Did you mean 'expert'"),
        ([".", "--policy", "zero"], "leave --policy zero out"),
        (["test/Timer-v0", "--policy", "zero", "--strip", "s.png"], "zero cannot be asked what it remembers"),
    ],
)
def test_mistakes_are_one_line(argv: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", *argv, "--episodes", "1"]) == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert "Traceback" not in shown
