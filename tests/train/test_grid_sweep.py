"""A sweep does every combination once, whatever is killed."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_runs import TINY, assert_same, tiny

from robomem.errors import ConfigError, RobomemError
from robomem.train import config_file
from robomem.train.run import train
from robomem.train.sweep import cells, sweep

BASE = replace(TINY, steps=48, eval_episodes=1)
GRID = {"memory": ["gru", "lstm"], "seed": [0, 1]}


def test_a_grid_is_the_product_of_its_lists(tmp_path: Path) -> None:
    planned = cells(BASE, {"memory": ["gru", "lstm"], "ppo.gamma": [0.9, 0.99], "seed": [3]}, tmp_path)
    assert [cell.overrides for cell in planned] == [
        {"memory": memory, "ppo.gamma": gamma, "seed": 3} for memory in ("gru", "lstm") for gamma in (0.9, 0.99)
    ]
    assert planned[1].config == replace(
        BASE, ppo=replace(BASE.ppo, gamma=0.99), seed=3, out=str(tmp_path / "memory=gru_gamma=0.99_seed=3")
    )


def test_a_list_of_grids_is_done_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "grid.yaml").write_text("- {memory: [gru], memory_kwargs: [{width: 4}]}\n- memory: [none]\n")
    planned = cells(replace(BASE, memory_kwargs={}), tmp_path / "grid.yaml", tmp_path)
    assert [(cell.config.memory, cell.config.memory_kwargs) for cell in planned] == [
        ("gru", {"width": 4}),
        ("none", {}),
    ]
    assert len({cell.folder for cell in planned}) == 2


@pytest.mark.parametrize(
    "grid",
    [
        "memory",
        {},
        {"memory": "gru"},
        {"memory": []},
        {"memori": ["gru"]},
        {"seed": [0, 0]},
        [{"seed": [0]}, {"seed": [0]}],
    ],
)
def test_what_is_no_grid_is_refused(tmp_path: Path, grid: object) -> None:
    content = grid if not isinstance(grid, str) else [grid]
    with pytest.raises(ConfigError):
        cells(BASE, content, tmp_path)


@pytest.mark.slow
def test_a_sweep_finishes_skips_and_tells_what_failed(tmp_path: Path) -> None:
    grid = [{"memory": ["gru"], "seed": [0]}, {"memory": ["none"], "memory_kwargs": [{"wrong": 1}]}]
    with pytest.raises(RobomemError, match=r"1 of 2 runs failed \(.*memory=none.*wrong"):
        sweep(BASE, grid, out=tmp_path / "s")
    table = json.loads((tmp_path / "s" / "sweep.json").read_text())
    assert [row["status"] for row in table] == ["finished", "waiting"]
    assert table[0]["last"]["step"] == 48
    assert table[0]["memory"] == "gru"
    run = tmp_path / "s" / "memory=gru_seed=0"
    assert_same(run, train(tiny(tmp_path / "alone", BASE, seed=0)))
    before = (run / "result.json").stat().st_mtime_ns
    assert sweep(BASE, grid[:1], out=tmp_path / "s") == [run]
    assert (run / "result.json").stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_sweep_that_is_killed_goes_on(tmp_path: Path) -> None:
    """SIGKILL to the sweep three times; its runs save themselves, go on, and are those of a sweep that lived."""
    base = replace(TINY, steps=1200, eval_every=240, eval_episodes=1)
    config_file.write(base, tmp_path / "base.yaml")
    code = (
        "from robomem.train import config_file, sweep\n"
        f"sweep.sweep(config_file.read({str(tmp_path / 'base.yaml')!r}), {GRID!r}, out={str(tmp_path / 's')!r})"
    )
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        count = len(list((tmp_path / "s").glob("*/checkpoints/step-*")))
        while len(list((tmp_path / "s").glob("*/checkpoints/step-*"))) == count and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    folders = sweep(base, GRID, out=tmp_path / "s")
    assert len(folders) == 4
    table = json.loads((tmp_path / "s" / "sweep.json").read_text())
    assert {row["status"] for row in table} == {"finished"}
    uninterrupted = train(tiny(tmp_path / "alone", base, memory="gru", seed=1))
    assert_same(uninterrupted, tmp_path / "s" / "memory=gru_seed=1")


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
def test_a_sweep_over_ray_is_the_same_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "240")  # a busy machine is no failure
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        folders = sweep(BASE, {"seed": [0, 1]}, ray=True, out=tmp_path / "s")
    finally:
        ray.shutdown()
    assert_same(folders[1], train(tiny(tmp_path / "alone", BASE, seed=1)))
