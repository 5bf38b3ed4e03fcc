"""Which features of data sets a policy is to see, and whether several data sets agree on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from robomem.data.features import Feature
from robomem.data.naming import ACTION, PROPRIO, observation_name
from robomem.data.reader import Dataset
from robomem.errors import DataError, suggest

__all__ = ["choose", "require_alike"]


def choose(dataset: Dataset, wanted: Sequence[str] | None) -> dict[str, str]:
    """Return the chosen parts of an observation, environment's name -> feature.

    Args:
        dataset: that has them.
        wanted: names; None for the pictures and ``proprio``: other senses are recorded as privileged notes.

    Raises:
        DataError: a part is missing, two features have one name, or there is no action of numbers.
    """
    parts: dict[str, str] = {}
    for feature in dataset.features:
        name = observation_name(feature)
        if name is not None and name in parts:
            raise DataError(f"{dataset.folder} has {parts[name]!r} and {feature!r}, which are both {name!r} here.")
        if name is not None and dataset.features[feature].dtype != "string":
            parts[name] = feature
    action = dataset.features.get(ACTION)
    if action is None or not action.dtype.startswith("float") or len(action.shape) != 1:
        found = "none" if action is None else f"{action.dtype} {list(action.shape)}"
        raise DataError(f"{dataset.folder} has the action {found}; to be imitated it must be a row of float numbers.")
    if wanted is None:
        seen = [name for name, part in parts.items() if name == PROPRIO or dataset.features[part].is_picture]
        if not seen:
            raise DataError(f"{dataset.folder} has neither pictures nor {PROPRIO}; name what to see: {sorted(parts)}.")
        return {name: parts[name] for name in seen}
    if not wanted:
        raise DataError(f"A policy must see something; {dataset.folder} has {sorted(parts)}.")
    for name in wanted:
        if name not in parts:
            raise DataError(f"{dataset.folder} has no observation {name!r}. {suggest(name, parts)}")
    return {name: parts[name] for name in dict.fromkeys(wanted)}


def require_alike(datasets: Sequence[Dataset], parts: Mapping[str, str]) -> None:
    """Raise DataError that names what differs, unless all have the same rate, parts and actions."""
    first = datasets[0]
    for other in datasets[1:]:
        pairs = [("fps", str(first.info.fps), str(other.info.fps))]
        for feature in (*parts.values(), ACTION):
            pairs.append((feature, _said(first.features.get(feature)), _said(other.features.get(feature))))
        differences = [f"{name} is {here} here and {there} there" for name, here, there in pairs if here != there]
        if differences:
            raise DataError(f"{first.folder} and {other.folder} cannot be one: {'; '.join(differences)}.")


def _said(feature: Feature | None) -> str:
    if feature is None:
        return "missing"
    return f"{'picture' if feature.is_picture else feature.dtype} {list(feature.shape)}"
