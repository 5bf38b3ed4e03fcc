"""From a scripted expert to a policy that acts: record, learn, be killed, go on, be measured."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "train" / "imitation"))

from same import assert_same

from robomem import policy
from robomem.cli.main import main
from robomem.rollout.environments import make_vector
from robomem.train import pictures
from robomem.train.checkpoints import Checkpoints

KILLED = """
import os, signal, sys
from robomem.cli.main import main
from robomem.train import pictures
from robomem.train.imitation.learner import Learner

pictures.draw, update = lambda *_: None, Learner.update

def last(self, step, batch):
    if step == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    return update(self, step, batch)

Learner.update = last
main(sys.argv[1:])
"""
"""A run that dies in its seventh update, two after its last checkpoint."""
SHORT = ("--steps", "8", "--eval-every", "4", "--eval-episodes", "1")


@pytest.mark.slow
def test_collect_train_kill_resume_eval_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pictures, "draw", lambda *_: None)
    kwargs = ("--env-kwargs", "observation=pixels")
    assert main(["collect", "reach", "--task", "touch the ball", "--episodes", "6", "--out", "demos", *kwargs]) == 0
    train = ["train", "memory-vla", "--preset", "debug", "--data", "demos", *SHORT, "--out"]
    assert main([*train, "whole"]) == 0

    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    died = subprocess.run([sys.executable, "-c", KILLED, *train, "parts"], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL
    checkpoint = Checkpoints(Path("parts/checkpoints")).load()
    assert checkpoint is not None
    assert checkpoint.step == 4
    assert main(["train", "--resume", "parts"]) == 0
    assert_same(Path("whole"), Path("parts"))

    assert main(["eval", "whole/policy-last", "--episodes", "2", "--film", "0", "--out", "measured"]) == 0
    assert len(json.loads(Path("measured/evaluation.json").read_text())["rows"]) == 2

    acting = policy.load("parts/policy-last")
    assert policy.info("parts/policy-last")["env_kwargs"] == {"observation": "pixels"}
    env = make_vector("reach", 2, autoreset="disabled", observation="pixels")
    observation, _ = env.reset(seed=[0, 1])
    action, _ = acting.predict(observation)
    assert action.shape == (2, *env.single_action_space.shape)
    assert np.isfinite(action).all()
    again, _ = policy.load("whole/policy-last").predict(observation)
    assert np.array_equal(action, again)
    env.close()
