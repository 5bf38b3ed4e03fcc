"""What a run has behind it: its evaluations, of which one is the best, and the time it took."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from robomem import policy as policy_files
from robomem.policy import Policy, Saveable
from robomem.rollout import EpisodeRow, play
from robomem.seeding import derive_seed
from robomem.serialization import write_json
from robomem.train import pictures
from robomem.train.run_folder import RunFolder

if TYPE_CHECKING:
    from robomem.train.config_file import PolicyConfig

__all__ = ["Trail", "evaluation_seeds", "finish", "merit", "play_held_out", "summarised", "told"]

_log = logging.getLogger(__name__)


@dataclass
class Trail:
    """What a run has behind it, beside what learns.

    Attributes:
        step: of the latest boundary at which everything due was done.
        seconds: of training, over all processes that went on with it.
        evaluations: the lines of evaluations.jsonl.
        cpu_seconds: of the processors, where that is counted.
    """

    step: int = 0
    seconds: float = 0.0
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    cpu_seconds: float = 0.0

    @property
    def best(self) -> dict[str, Any] | None:
        """The evaluation of the policy worth keeping: most success, then most return, then the latest."""
        return max(self.evaluations, key=merit, default=None)


def merit(evaluation: dict[str, Any]) -> tuple[float, float, float, int]:
    """Return what evaluations are ordered by: success, return, least loss on held-out demonstrations, step."""
    success, total, loss = (evaluation.get(name) for name in ("success", "return", "validation_loss"))
    low = -float("inf")
    return (
        -1.0 if success is None else success,
        low if total is None else total,
        low if loss is None else -loss,
        evaluation["step"],
    )


def evaluation_seeds(config: PolicyConfig) -> list[int]:
    """Return the seeds of the held-out episodes; ``robomem eval`` plays others."""
    return [derive_seed(config.seed, "evaluation during training", index) for index in range(config.eval_episodes)]


def play_held_out(policy: Policy, config: PolicyConfig, seeds: Sequence[int]) -> list[EpisodeRow]:
    """Play held-out episodes in the environment of the run."""
    return play(policy, config.env, seeds, num_envs=min(max(len(seeds), 1), 16), env_kwargs=config.env_kwargs)


def summarised(step: int, rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    """Return a line of evaluations.jsonl."""
    verdicts = [row.success for row in rows if row.success is not None]
    return {
        "step": step,
        "success": float(np.mean(verdicts)) if verdicts else None,
        "return": float(np.mean([row.return_ for row in rows])) if rows else None,
        "length": float(np.mean([row.length for row in rows])) if rows else None,
        "episodes": len(rows),
        "diverged": sum(row.diverged for row in rows),
    }


def told(found: dict[str, Any]) -> str:
    """Return an evaluation as words: "success 0.8, return 3.1"."""
    names = ("success", "return", "length", "validation_loss")
    shown = [f"{name.replace('_', ' ')} {found[name]:.3g}" for name in names if found.get(name) is not None]
    return ", ".join(shown)


def finish(
    config: PolicyConfig,
    run: RunFolder,
    policy: Saveable,
    trail: Trail,
    info: Callable[[int, dict[str, Any] | None], dict[str, Any]],
) -> None:
    """Write what a run ends with: the last policy, pictures, the result.

    Args:
        config: of the run.
        run: where to write.
        policy: as it is now.
        trail: what led to it.
        info: the facts to keep beside a policy, from its step and evaluation.
    """
    last = trail.evaluations[-1] if trail.evaluations else None
    policy_files.save(policy, run.last, info=info(trail.step, last))
    if trail.best is None:
        policy_files.save(policy, run.best, info=info(trail.step, None))
    pictures.draw(config, run, policy, trail.evaluations)
    result = {
        "step": trail.step,
        "seconds": round(trail.seconds, 3),
        "steps_per_second": round(trail.step / max(trail.seconds, 1e-9), 1),
        "best": trail.best,
        "last": last,
    }
    if trail.cpu_seconds:
        result["cpu_seconds"] = round(trail.cpu_seconds, 3)
    write_json(run.result, result)
