"""A symbolic memory that acts is told what one that learns is told, and says no more than what happened."""

from __future__ import annotations

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
import torch

from robomem.data.batch import Batch
from robomem.data.imitation import DataSpec
from robomem.data.imitation.history import histories
from robomem.errors import ConfigError
from robomem_policies.memory_vla import instruction
from robomem_policies.memory_vla.acting import TEXT
from robomem_policies.memory_vla.symbolic import make
from robomem_policies.memory_vla.symbolic.coupling import Symbolic

COUNT = "press the button as often as the lamp flashed, then touch the pad"
NAMES = ("the lamp flashed", "press the button")


class Reads(torch.nn.Module):
    """A witness whose pictures say what goes on."""

    def forward(self, x):
        return torch.nn.functional.one_hot(x[:, 0].long(), len(NAMES) + 1).float()


def reading() -> Symbolic:
    symbolic = make(NAMES, 1, 1)
    symbolic.witness = Reads()
    return symbolic


def batch(happening, history) -> Batch[torch.Tensor]:
    shape = torch.Size(happening.shape)
    return Batch(
        observation={},
        action=torch.zeros(*shape, 1, 1),
        action_valid=torch.ones(*shape, 1, dtype=torch.bool),
        time=torch.zeros(shape),
        valid=torch.ones(shape, dtype=torch.bool),
        start=torch.ones(shape[0], dtype=torch.bool),
        text=(COUNT,) * shape[0],
        happening=torch.as_tensor(happening),
        history=torch.as_tensor(history),
    )


def test_who_acts_is_told_what_who_learns_is_told():
    rng = np.random.default_rng(0)
    goes_on = rng.choice([0, 0, 1, 2], (5, 30))
    first = np.arange(5) * 30
    history = histories(goes_on.ravel(), first).reshape(5, 30, -1)
    symbolic = reading()
    learnt = np.array(symbolic.texts(batch(goes_on, history))).reshape(5, 30)
    state = symbolic.initial_state(instruction.encode([COUNT] * 5))
    for step in range(30):
        assert instruction.decode(state[TEXT]) == learnt[:, step].tolist()
        symbolic.watch(torch.as_tensor(goes_on[:, step]).view(5, 1, 1).float(), np.arange(5), state)


def test_rows_that_begin_have_seen_nothing_and_others_go_on():
    symbolic = reading()
    state = symbolic.initial_state(instruction.encode([COUNT] * 3))
    fresh = {name: part.copy() for name, part in state.items()}
    symbolic.watch(torch.ones(3, 1, 1), np.arange(3), state)
    assert instruction.decode(state[TEXT]) == ["press the button"] * 3
    after = symbolic.begun(state, np.array([False, True, False]))
    for name, part in after.items():
        assert np.array_equal(part[1], fresh[name][1]), name
        assert np.array_equal(part[[0, 2]], state[name][[0, 2]]), name
    assert instruction.decode(state[TEXT]) == ["press the button"] * 3, "what came in is not changed"


def test_what_is_written_down_can_be_read():
    symbolic = reading()
    state = symbolic.initial_state(instruction.encode([COUNT] * 2))
    assert symbolic.written(state) == ["", ""]
    for seen in ([1, 0], [0, 2], [1, 2], [2, 0]):
        symbolic.watch(torch.tensor(seen)[:, None, None].float(), np.arange(2), state)
    assert symbolic.written(state) == ["the lamp flashed (x2); press the button", "press the button"]


def test_what_goes_on_for_long_happened_once():
    symbolic = reading()
    state = symbolic.initial_state(instruction.encode([COUNT]))
    for seen in (1, 1, 1, 0, 1, 2, 2):
        symbolic.watch(torch.full((1, 1, 1), float(seen)), np.arange(1), state)
    assert instruction.decode(state["symbolic.log"]) == ["the lamp flashed (x2); press the button"]


def test_a_row_that_comes_twice_is_looked_at_once():
    symbolic = reading()
    state = symbolic.initial_state(instruction.encode([COUNT] * 2))
    symbolic.watch(torch.ones(4, 1, 1), np.array([0, 1, 1, 1]), state)
    assert instruction.decode(state["symbolic.log"]) == ["the lamp flashed"] * 2


def test_the_witness_learns_from_valid_frames_alone():
    symbolic = make(NAMES, 2, 3)
    one = batch(np.array([[0, 1, 2]]), np.zeros((1, 3, 1), np.int64))
    tokens = torch.randn(1, 3, 2, 3)
    whole = symbolic.loss(tokens, one)
    short = replace(one, valid=torch.tensor([[True, True, False]]))
    changed = replace(short, happening=torch.tensor([[0, 1, 0]]))
    assert torch.equal(symbolic.loss(tokens, short), symbolic.loss(tokens, changed))
    expected = torch.nn.functional.cross_entropy(symbolic.witness(tokens.flatten(2)[0]), torch.tensor([0, 1, 2]))
    torch.testing.assert_close(whole, expected)


def test_every_subgoal_of_the_data_is_known():
    box = gym.spaces.Box(-1, 1, (1,), np.float32)
    spec = DataSpec(gym.spaces.Dict(), box, {}, (COUNT,), 20, happenings=NAMES, histories=((), (1,), (1, 2)))
    assert set(reading().known(spec)) == {"touch the pad", "press the button"}


def test_what_is_wrong_is_said():
    with pytest.raises(ConfigError, match=r"annotation\.happening"):
        make((), 1, 1)
    for name in ("a; b", "a (x3)", "a lamp flashed.", "  a lamp", "", "a" * 81):
        with pytest.raises(ConfigError, match="must be words"):
            make((name,), 1, 1)
    blind = replace(batch(np.array([[0]]), np.zeros((1, 1, 0), np.int64)), happening=None, history=None)
    for ask in (lambda: reading().texts(blind), lambda: reading().loss(torch.zeros(1, 1, 1, 1), blind)):
        with pytest.raises(ConfigError, match=r"loading\.happenings"):
            ask()
