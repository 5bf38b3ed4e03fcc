"""How an episode ends, against the rule in plain words; and that rows draw for themselves."""

from __future__ import annotations

import numpy as np
from gymnasium.vector import AutoresetMode

from robomem_envs.engine import RowGenerators, TaskVectorEnv


def test_ends_as_the_rule_says() -> None:
    """Success and failure terminate, divergence terminates without success or reward, else the limit truncates."""
    env = TaskVectorEnv("toy_task:Countdown", 64, AutoresetMode.SAME_STEP, limit=4)
    env.reset(seed=0)
    seen = set()
    for _ in range(12):
        fate, when, clock = (getattr(env.task.episode, name).copy() for name in ("fate", "when", "clock"))
        _, reward, terminated, truncated, info = env.step(np.ones(64, np.int64))
        for row in range(64):
            now = clock[row] + 1
            fated = now == when[row]
            diverges = fated and fate[row] >= 2
            told = info["final_info"] if terminated[row] or truncated[row] else info
            assert terminated[row] == fated
            assert truncated[row] == (now == 4 and not fated)
            assert told["success"][row] == (fated and fate[row] == 0)
            assert ("diverged" in told and told["diverged"][row]) == diverges
            expected = 0.0 if diverges else now / 2 + (fated and fate[row] == 0) - (fated and fate[row] == 1)
            assert reward[row] == expected
            assert sum(told[f"reward/{name}"][row] for name in ("fate", "clock", "kept")) == expected
            seen.add((fated, int(fate[row]) if fated else -1, bool(truncated[row]), now == 4))
    assert {(True, fate, False, True) for fate in range(4)} <= seen, "each fate must also fall on the last step"
    assert (False, -1, True, True) in seen


def test_each_row_draws_from_its_own_generator() -> None:
    def generators(seeds: list[int]) -> RowGenerators:
        return RowGenerators([np.random.default_rng(seed) for seed in seeds])

    draws = [
        lambda rng: rng.uniform(-1, [1, 2]),
        lambda rng: rng.uniform(size=(2, 3)),
        lambda rng: rng.integers(5),
        lambda rng: rng.integers(2, 9, 4),
        lambda rng: rng.permutation(6),
        lambda rng: rng.choice(8, 3),
    ]
    for draw in draws:
        together = draw(generators([1, 2, 3]))
        assert len(together) == 3
        np.testing.assert_array_equal(together[1:2], draw(generators([2])))
    assert all(len(set(row)) == 3 and max(row) < 8 for row in generators([4, 5]).choice(8, 3).tolist())
    assert len(generators([1, 2])) == 2
