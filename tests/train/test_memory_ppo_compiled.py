"""The compiled update learns as the plain one does, or steps aside."""

from __future__ import annotations

import copy
import logging
import shutil

import numpy as np
import pytest
import torch
from stable_baselines3.common.env_util import make_vec_env

from robomem.train import compiled_update
from robomem.train.compiled_update import CompiledUpdate
from robomem.train.memory_ppo import MemoryPPO
from robomem.train.ppo_config import PPOConfig


def learner(compile: str, memory: str = "none") -> MemoryPPO:
    config = PPOConfig(rollout_steps=16, epochs=2, minibatches=1, compile=compile)  # type: ignore[arg-type]
    policy_kwargs = {"memory": memory, "encoder": (16,), "heads": (16,)}
    return MemoryPPO("recall", make_vec_env("Pendulum-v1", 4, seed=0), config=config, policy_kwargs=policy_kwargs)


def uncompiled(algorithm: MemoryPPO) -> CompiledUpdate:
    update = CompiledUpdate(algorithm.policy, algorithm.optimizer, algorithm.config)
    update._run = update._update
    return update


def assert_close(one: MemoryPPO, two: MemoryPPO) -> None:
    left, right = one.checkpoint_state(), two.checkpoint_state()
    for group in ("weights", "optimizer"):
        assert left[group].keys() == right[group].keys()
        for name, array in left[group].items():
            np.testing.assert_allclose(array, right[group][name], rtol=2e-4, atol=2e-5, err_msg=name)


def test_its_arithmetic_is_that_of_torch() -> None:
    plain, ours = learner("off"), learner("off")
    ours._compiled_update = uncompiled(ours)
    for algorithm in (plain, ours):
        algorithm.learn(256)
    assert ours._compiled_update is not None
    assert_close(plain, ours)


def test_a_gradient_that_is_not_finite_changes_nothing() -> None:
    algorithm = learner("off")
    algorithm.learn(64)
    before = copy.deepcopy(algorithm.checkpoint_state())
    batch = algorithm.rollout_buffer.sequences(torch.arange(4))
    batch.advantage[0, 0] = torch.nan
    result = uncompiled(algorithm)(batch)
    assert result is not None
    assert not torch.isfinite(result[1])
    after = algorithm.checkpoint_state()
    for group in ("weights", "optimizer"):
        for name, array in before[group].items():
            np.testing.assert_array_equal(array, after[group][name])


def test_what_cannot_be_compiled_goes_on_uncompiled(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("no compiler here\nand more")

    plain, ours = learner("off"), learner("on")
    assert ours._compiled_update is not None
    ours._compiled_update._run = refuse  # type: ignore[assignment]
    with caplog.at_level(logging.WARNING):
        for algorithm in (plain, ours):
            algorithm.learn(128)
    assert [record.getMessage() for record in caplog.records].count(
        "the update could not be compiled and goes on uncompiled: no compiler here"
    ) == 1
    assert_close(plain, ours)


def test_auto_asks_for_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert not compiled_update.wanted(PPOConfig(compile="auto"))
    assert compiled_update.wanted(PPOConfig(compile="on"))
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/" + name)
    assert compiled_update.wanted(PPOConfig(compile="auto"))
    assert not compiled_update.wanted(PPOConfig(compile="off"))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_the_compiled_graph_learns_what_the_plain_one_does() -> None:
    plain, ours = learner("off"), learner("on")
    for algorithm in (plain, ours):
        algorithm.learn(128)
    assert ours._compiled_update is not None
    assert_close(plain, ours)
