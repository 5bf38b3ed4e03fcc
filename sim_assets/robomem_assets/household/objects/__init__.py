"""Kinds of things: food, dishes, belongings, clothes and what belongs in a bathroom."""

from robomem_assets.household.objects.belongings import BELONGINGS
from robomem_assets.household.objects.category import Category
from robomem_assets.household.objects.dishes import DISHES
from robomem_assets.household.objects.food import FOOD
from robomem_assets.household.objects.washing import WASHING

__all__ = ["CATEGORIES", "Category"]

CATEGORIES: dict[str, Category] = {category.name: category for category in (*FOOD, *DISHES, *BELONGINGS, *WASHING)}
"""By name."""
