"""Eight apartments."""

from functools import lru_cache

from robomem.errors import UnknownNameError
from robomem_assets.household.apartments import eight, five, four, one, seven, six, three, two
from robomem_assets.household.apartments.build import Apartment, build
from robomem_assets.household.apartments.plan import Plan

__all__ = ["Apartment", "load", "names"]

_PLANS: dict[str, Plan] = {
    f"apartment-{number}": module.PLAN
    for number, module in enumerate((one, two, three, four, five, six, seven, eight), start=1)
}


def names() -> tuple[str, ...]:
    """Return the names that `load` knows."""
    return tuple(_PLANS)


@lru_cache(maxsize=16)
def load(name: str) -> Apartment:
    """Return a compiled apartment; the second call is free. Copy its model before you change it."""
    if name not in _PLANS:
        raise UnknownNameError("apartment", name, _PLANS)
    return build(name, _PLANS[name])
