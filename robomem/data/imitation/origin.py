"""Where demonstrations are from: the environment and the bounds of its actions, as our notes on each episode say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from robomem.data.naming import PIXELS, PROPRIO
from robomem.data.reader import Dataset
from robomem.data.statistics import FeatureStats
from robomem.errors import DataError
from robomem.types import FloatArray

__all__ = ["Origin", "find_origin"]


@dataclass(frozen=True)
class Origin:
    """Where demonstrations are from.

    Attributes:
        env: id of the environment; None if unknown or several.
        env_kwargs: those of its arguments that were alike in all episodes.
        low, high: [A] bounds of the actions.
        happenings: what the note on what is going on counts from 1 on; none where nobody made any.
    """

    env: str | None
    env_kwargs: Mapping[str, Any]
    low: FloatArray
    high: FloatArray
    happenings: tuple[str, ...] = ()


def find_origin(datasets: Sequence[Dataset], seen: Sequence[str], action: FeatureStats) -> Origin:
    """Return where data sets are from.

    Args:
        datasets: one or more.
        seen: the parts of observations that the policy sees.
        action: statistics of the actions, whose least and greatest are the bounds where nobody noted any.

    Raises:
        DataError: a note is damaged, or what goes on is counted differently in several.
    """
    envs: set[str | None] = set()
    happenings: dict[tuple[str, ...], str] = {}
    arguments: list[dict[str, Any]] = []
    lows, highs = [], []
    for dataset in datasets:
        for episode in range(len(dataset)):
            facts = dataset.notes(episode).get("facts")
            facts = facts if isinstance(facts, dict) else {}
            envs.add(facts["env"] if isinstance(facts.get("env"), str) else None)
            arguments.append(facts["env_kwargs"] if isinstance(facts.get("env_kwargs"), dict) else {})
            if "happenings" in facts:
                happenings.setdefault(_happenings(facts, dataset, episode), f"episode {episode} of {dataset.folder}")
            low, high = _bounds(facts, action, dataset, episode)
            lows.append(low)
            highs.append(high)
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    if len(happenings) > 1:
        (here, one), (there, other), *_ = ((place, ", ".join(names)) for names, place in happenings.items())
        raise DataError(f"What goes on is counted differently: {one} in {here}, {other} in {there}.")
    words = next(iter(happenings), ())
    env = envs.pop() if len(envs) == 1 else None
    if env is None:
        return Origin(None, {}, low, high, words)
    kept = {
        name: value
        for name, value in arguments[0].items()
        if all(name in each and each[name] == value for each in arguments)
    }
    return Origin(env, _as_seen(kept, seen), low, high, words)


def _happenings(facts: Mapping[str, Any], dataset: Dataset, episode: int) -> tuple[str, ...]:
    names = facts["happenings"]
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise DataError(
            f"The notes on episode {episode} of {dataset.folder} have happenings that are no list of words."
        )
    return tuple(names)


def _bounds(
    facts: Mapping[str, Any], action: FeatureStats, dataset: Dataset, episode: int
) -> tuple[FloatArray, FloatArray]:
    if "action_low" not in facts or "action_high" not in facts:
        return action["min"], action["max"]
    try:
        low, high = (np.asarray(facts[name], np.float64) for name in ("action_low", "action_high"))
        fits = low.shape == high.shape == action["min"].shape and (low <= high).all()
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise DataError(f"The notes on episode {episode} of {dataset.folder} have bounds that fit no action.")
    return low, high


def _as_seen(env_kwargs: Mapping[str, Any], seen: Sequence[str]) -> dict[str, Any]:
    """Leave the senses out where the policy does without them: our arms show pictures and ``proprio`` alone too."""
    if env_kwargs.get("observation") == "pixels+state" and set(seen) == {PIXELS, PROPRIO}:
        return {**env_kwargs, "observation": "pixels"}
    return dict(env_kwargs)
