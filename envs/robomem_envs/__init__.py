"""Gymnasium environments on MuJoCo. Importing this registers every ``robomem/…`` id."""

from robomem_envs.engine.headless import choose_backend

choose_backend()

import gymnasium as gym  # noqa: E402

from robomem.catalogue import sections  # noqa: E402
from robomem.embodied import suites  # noqa: E402
from robomem.families import families  # noqa: E402
from robomem.motion.robots import robots  # noqa: E402
from robomem_envs.engine.registration import register as _register_task  # noqa: E402
from robomem_envs.external import FAMILIES  # noqa: E402
from robomem_envs.external.libero.suites import LIBERO_SUITES  # noqa: E402


def register() -> None:
    """Register every environment with Gymnasium; harmless to call twice."""
    _register_task("robomem/RecallReach-v0", "robomem_envs.recall.reach:RecallReach")
    _register_task("robomem/ShellGame-v0", "robomem_envs.recall.shell_game:ShellGame")
    _register_task("robomem/ButtonCount-v0", "robomem_envs.recall.button_count:ButtonCount")
    _register_task("robomem/ObjectPermanence-v0", "robomem_envs.recall.object_permanence:ObjectPermanence")
    _register_task("robomem/TakeItBack-v0", "robomem_envs.recall.take_it_back:TakeItBack")
    _register_task("robomem/Reach-v0", "robomem_envs.recall.reach_ball:Reach")
    _register_task("robomem/Push-v0", "robomem_envs.recall.push:Push")
    _register_task("robomem/PickPlace-v0", "robomem_envs.recall.pick_place:PickPlace")
    for length in (2, 3, 4, 5):
        _register_task(
            f"robomem/ButtonSequence{length}-v0", "robomem_envs.recall.button_sequence:ButtonSequence", length=length
        )
    for colors in (3, 5, 9):
        _register_task(
            f"robomem/RememberColor{colors}-v0", "robomem_envs.recall.remember_color:RememberColor", colors=colors
        )
    for dances in (2, 4, 8):
        for delay in (16, 48):
            name = f"robomem/Ballet{dances}Delay{delay}-v0"
            _register_task(name, "robomem_envs.ballet:Ballet", dances=dances, delay=delay)
    _register_task("robomem/WordLearning-v0", "robomem_envs.word_learning:WordLearning")
    suites.add("household", "robomem_envs.household.suites:HOUSEHOLD")
    suites.add("rearrange", "robomem_envs.household.suites:REARRANGE")
    suites.add("navigate", "robomem_envs.navigate.suites:NAVIGATE")
    suites.add("manipulate", "robomem_envs.manipulate.suites:MANIPULATE")
    packages = {"Household": "household", "Rearrange": "household", "Navigate": "navigate", "Manipulate": "manipulate"}
    for name, package in packages.items():
        if f"robomem/{name}-v0" not in gym.registry:
            gym.register(f"robomem/{name}-v0", entry_point=f"robomem_envs.{package}.environment:{name}Env")
    if "robomem/Suite-v0" not in gym.registry:
        gym.register("robomem/Suite-v0", entry_point="robomem.embodied.suite_env:SuiteEnv")
    for suite in LIBERO_SUITES:
        suites.add(suite.name, suite)
    for family in FAMILIES:
        families.add(family.name, family)
    sections.add("robots", "robomem_assets.arms:describe")
    robots.add("humanoid", "robomem_envs.motion.robot:humanoid")
    robots.add("so101", "robomem_envs.motion.robot:so101")
    sections.add("robots-that-move", "robomem_envs.motion.describe:describe")


register()
