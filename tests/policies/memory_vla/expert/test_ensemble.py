"""Ensembling: a reference row by row, the same as one robot's queue, and states without surprises."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.deploy.chunk import ChunkQueue
from robomem.errors import ConfigError
from robomem_policies.memory_vla.expert import ActionEnsemble, blend

B, K, H, A = 3, 4, 5, 2
KINDS = ["latest", "average", "adaptive"]


def some(seed, batch=B):
    """Chunks, and ages of which at least one of each row is due."""
    rng = np.random.default_rng(seed)
    ages = np.stack([rng.permutation(np.arange(-2, H + 3))[:K] for _ in range(batch)])
    ages[np.arange(batch), rng.integers(K, size=batch)] = -1
    for row in ages:
        row[rng.integers(K)] = rng.choice([age for age in range(H) if age not in row])
    return torch.from_numpy(rng.normal(size=(batch, K, H, A))), torch.from_numpy(ages)


def reference(chunks, ages, kind):
    """One row, written as the papers do: the actions in order, the newest last."""
    due = {age: chunk[age] for age, chunk in zip(ages, chunks, strict=True) if 0 <= age < H}
    actions = np.array([due[age] for age in sorted(due, reverse=True)])
    if kind == "latest":
        return actions[-1]
    if kind == "average":
        weights = np.exp(-0.01 * np.arange(len(actions)))
    else:
        newest = actions[-1]
        cosine = actions @ newest / (np.linalg.norm(actions, axis=1) * np.linalg.norm(newest))
        weights = np.exp(0.1 * cosine)
    return weights @ actions / weights.sum()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(KINDS))
def test_blending_is_that_of_the_papers_in_every_row(seed, kind):
    chunks, ages = some(seed)
    action = blend(chunks, ages, kind)
    expected = [reference(*row, kind) for row in zip(chunks.numpy(), ages.numpy(), strict=True)]
    np.testing.assert_allclose(action, expected, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(KINDS))
def test_blending_knows_no_order_and_does_not_read_what_is_not_due(seed, kind):
    chunks, ages = some(seed)
    before = blend(chunks, ages, kind)
    order = torch.randperm(K, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(blend(chunks[:, order], ages[:, order], kind), before)
    steps = torch.arange(H).expand(B, K, H)
    chunks[(steps != ages[..., None])] = torch.nan
    torch.testing.assert_close(blend(chunks, ages, kind), before)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(KINDS))
def test_an_action_lies_between_those_it_is_made_of(seed, kind):
    chunks, ages = some(seed)
    action = blend(chunks, ages, kind)
    for row in range(B):
        parts = torch.stack([chunks[row, k, age] for k, age in enumerate(ages[row]) if 0 <= age < H])
        assert (action[row] >= parts.amin(0) - 1e-12).all()
        assert (action[row] <= parts.amax(0) + 1e-12).all()


def test_a_plan_of_another_mode_weighs_less_and_more_so_with_alpha():
    chunks = torch.zeros(1, 2, 2, 2)
    chunks[0, 0, 0], chunks[0, 1, 1] = torch.tensor([1.0, 0.0]), torch.tensor([-1.0, 0.0])
    ages = torch.tensor([[0, 1]])
    actions = [float(blend(chunks, ages, "adaptive", alpha=alpha)[0, 0]) for alpha in (0.0, 0.1, 1.0, 5.0)]
    assert actions[0] == 0.0
    assert actions == sorted(actions)
    assert actions[-1] > 0.99


@pytest.mark.parametrize(("kind", "queue"), [("latest", "latest"), ("average", "average")])
def test_one_robots_queue_and_the_batch_agree_over_an_episode(kind, queue):
    """Rows ask for plans at different times; each is as if it were alone."""
    rng = np.random.default_rng(0)
    ensemble = ActionEnsemble(kind, length=H)
    state = ensemble.initial_state(B, H, A)
    queues = [ChunkQueue(queue) for _ in range(B)]
    for step in range(30):
        rows = rng.random(B) < 0.6
        rows |= ensemble.wants(state, H).numpy()
        chunks = rng.normal(size=(B, H, A)).astype(np.float32)
        chunks[~rows] = np.nan
        state = ensemble.push(state, torch.from_numpy(chunks), torch.from_numpy(rows))
        for row in np.flatnonzero(rows):
            queues[row].add(step, chunks[row].astype(np.float64))
        action, state = ensemble.step(state)
        np.testing.assert_allclose(action, [q.at(step) for q in queues], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_of_length_k_knows_the_last_k_chunks(kind):
    given_ = torch.Generator().manual_seed(0)
    ensemble = ActionEnsemble(kind, length=2)
    state, every, pushed = ensemble.initial_state(B, H, A), torch.ones(B, dtype=torch.bool), []
    for _ in range(4):
        pushed.append(torch.randn(B, H, A, generator=given_))
        state = ensemble.push(state, pushed[-1], every)
        action, state = ensemble.step(state)
    expected = blend(torch.stack(pushed[2:], 1), torch.tensor([[1, 0]]).expand(B, -1), kind)
    torch.testing.assert_close(action, expected)


def test_rows_want_a_chunk_when_theirs_is_executed_or_forgotten():
    ensemble = ActionEnsemble(length=2)
    state, every = ensemble.initial_state(B, H, A), torch.ones(B, dtype=torch.bool)
    assert ensemble.wants(state, 3).all()
    state = ensemble.push(state, torch.ones(B, H, A), every)
    for wanted in (False, False, True, True, True):
        assert not ensemble.wants(state, H).any()
        _, state = ensemble.step(state)
        assert bool(ensemble.wants(state, 3).all()) is wanted
    assert ensemble.wants(state, 99).all()
    state = ensemble.push(state, torch.ones(B, H, A), every)
    state = ensemble.forget(state, torch.tensor([True, False, False]))
    assert ensemble.wants(state, 3).tolist() == [True, False, False]
    assert not state["chunks"][0].any()
    with pytest.raises(ConfigError, match=r"rows \[0\]"):
        ensemble.step(state)


def test_states_are_not_changed_and_survive_numpy():
    ensemble = ActionEnsemble("adaptive", length=3)
    state = ensemble.initial_state(B, H, A)
    held = {name: part.clone() for name, part in state.items()}
    after = ensemble.push(state, torch.randn(B, H, A), torch.tensor([True, True, True]))
    copy = {name: torch.from_numpy(part.numpy().copy()) for name, part in after.items()}
    action, _ = ensemble.step(after)
    again, _ = ensemble.step(copy)
    assert torch.equal(action, again)
    assert all(torch.equal(held[name], state[name]) for name in state)
    assert all(torch.equal(copy[name], after[name]) for name in after)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ensembling": "adaptiv"}, "Did you mean 'adaptive'"),
        ({"length": 0}, "length must be"),
        ({"alpha": float("nan")}, "alpha and decay"),
        ({"decay": -1.0}, "alpha and decay"),
    ],
)
def test_what_cannot_work_is_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        ActionEnsemble(**values)
