"""What one looks at first: the learning curve and a film of the policy."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robomem.policy import Policy
from robomem.rollout import film
from robomem.seeding import derive_seed
from robomem.serialization import temporary_sibling
from robomem.train import streams
from robomem.train.run_folder import RunFolder

if TYPE_CHECKING:
    from robomem.train.config_file import PolicyConfig

__all__ = ["draw"]

_log = logging.getLogger(__name__)
FILMED = 1


def draw(config: PolicyConfig, run: RunFolder, policy: Policy, evaluations: Sequence[dict[str, Any]]) -> None:
    """Write the curve and the film; what cannot be drawn is logged and left out."""
    if evaluations:
        _curve(evaluations, run.curve, ", ".join(filter(None, (config.env, config.who))))
    if not config.env:  # demonstrations of an arm that nobody simulates
        return
    seeds = [derive_seed(config.seed, "film", index) for index in range(FILMED)]
    try:
        with streams.untouched():
            film(policy, config.env, seeds, run.film, env_kwargs=config.env_kwargs)
    except Exception as error:  # a renderer fails in many ways, and none is worth a trained policy
        _log.warning("No film of the policy: %s. `robomem doctor` looks at the renderers.", error)


def _curve(evaluations: Sequence[dict[str, Any]], path: Path, title: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    known = [name for name in ("success", "return", "validation_loss") if evaluations[0].get(name) is not None]
    if not known:
        return
    key = known[0]
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot([line["step"] for line in evaluations], [line[key] for line in evaluations], marker="o", markersize=3)
    axes.set(xlabel="steps", ylabel=f"{key.replace('_', ' ')} in held-out episodes", title=title)
    if key == "success":
        axes.set_ylim(-0.02, 1.02)
    axes.grid(alpha=0.3)
    with temporary_sibling(path) as partial:
        figure.savefig(partial, dpi=150)
