"""Make the policies that ship in policies/robomem_policies/pretrained/: train them, or take them from a finished run.

.venv/bin/python scripts/make_pretrained.py                                   # train as `make demo` does
.venv/bin/python scripts/make_pretrained.py --run runs/recall/recall-reach-hcam-s0
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import tyro

from robomem import policy as policies
from robomem.evaluate import evaluate
from robomem.train.config import presets
from robomem.train.run import train

FOLDER = Path(__file__).parents[1] / "policies/robomem_policies/pretrained"
LIMIT_BYTES = 1_000_000


@dataclass(frozen=True)
class Make:
    """Put an HCAM policy for RecallReach into the package."""

    run: Path | None = None
    """A finished run to take it from; trained anew if None."""
    episodes: int = 200
    """Held-out episodes; fewer than 95 % successes and nothing is written."""


def main(make: Make) -> None:
    run = make.run or train(replace(presets["demo"](), out="runs/pretrained/recall-reach-hcam"))
    policy, info = policies.load(run / "policy-last"), policies.info(run / "policy-last")
    evaluation = evaluate(policy, info["env"], episodes=make.episodes, seed=7, env_kwargs=info.get("env_kwargs", {}))
    success = evaluation.success
    if success is None or success.value < 0.95:
        raise SystemExit(f"{run} succeeds in {success} of its episodes only; nothing was written.")
    folder = FOLDER / "recall-reach-hcam"
    numbers = {"success": success.value, "low": success.low, "high": success.high, "episodes": make.episodes}
    policies.save(policy, folder, info={**info, "evaluation": numbers})
    size = sum(file.stat().st_size for file in folder.iterdir())
    assert size < LIMIT_BYTES, f"{folder} has {size} bytes, more than {LIMIT_BYTES}"
    print(f"{folder}: {size} bytes, success {success.value:.3f} [{success.low:.3f}, {success.high:.3f}]")


if __name__ == "__main__":
    main(tyro.cli(Make))
