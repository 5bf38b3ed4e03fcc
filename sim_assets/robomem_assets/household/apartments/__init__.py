"""Eight apartments."""

from functools import lru_cache

from robomem.errors import UnknownNameError
from robomem_assets.household.apartments import one
from robomem_assets.household.apartments.build import Apartment, build
from robomem_assets.household.apartments.plan import Plan

__all__ = ["Apartment", "load", "names"]

_PLANS: dict[str, Plan] = {"apartment-1": one.PLAN}


def names() -> tuple[str, ...]:
    """Return the names that `load` knows."""
    return tuple(_PLANS)


@lru_cache(maxsize=16)
def load(name: str) -> Apartment:
    """Return a compiled apartment; the second call is free. Copy its model before you change it."""
    if name not in _PLANS:
        raise UnknownNameError("apartment", name, _PLANS)
    return build(name, _PLANS[name])
