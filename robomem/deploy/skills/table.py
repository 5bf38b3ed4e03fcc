"""The named skills of an arm, out of one YAML file that is checked whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from robomem.deploy.contract import Contract
from robomem.deploy.fields import Fields
from robomem.errors import ConfigError, StorageError, UnknownNameError
from robomem.types import FloatArray

__all__ = ["Place", "Skill", "SkillTable", "parse_skills", "read_skills"]

_SKILL = ("policy", "joints", "motion", "within_rad", "also", "at", "keep", "timeout_s")
_KINDS = ("policy", "joints", "motion")
_LONGEST = 200


@dataclass(frozen=True)
class Place:
    """Where a hand can be.

    Attributes:
        at: [3] metres, in the base frame.
        within: metres; nearer than this the hand is there.
    """

    at: FloatArray
    within: float


@dataclass(frozen=True)
class Skill:
    """What an arm can do under a name: play a policy until somebody judges it, go to a pose, or perform a motion.

    Attributes:
        name: in words, which is also how it is asked for.
        timeout_s: after which it has failed.
        policy: folder of a saved policy or the name of one that ships; empty for a pose or a motion.
        joints: [J] rad, the pose; None for a policy or a motion.
        motion: a file of motion, as `robomem motion` writes and reads them; None for a policy or a pose.
        within_rad: of the pose, each joint; nearer than this it is reached.
        also: other words for it.
        at: the place to which it brings the hand; empty where that is not known before.
        keep: under which name the memory keeps the place where it was done; empty for nothing.
    """

    name: str
    timeout_s: float
    policy: str = ""
    joints: FloatArray | None = None
    motion: Path | None = None
    within_rad: float = 0.05
    also: tuple[str, ...] = ()
    at: str = ""
    keep: str = ""

    def reached(self, position: FloatArray) -> bool | None:
        """Return whether the joints [J] are where the skill brings them; None where that is for others to judge."""
        if self.joints is None:
            return None
        return bool((np.abs(position - self.joints) <= self.within_rad).all())


@dataclass(frozen=True)
class SkillTable:
    """The skills of an arm.

    Attributes:
        skills, places: by name.
    """

    skills: Mapping[str, Skill]
    places: Mapping[str, Place]

    def find(self, words: str) -> Skill:
        """Return a skill by its name or other words for it; raises UnknownNameError."""
        asked = " ".join(words.lower().split())
        for skill in self.skills.values():
            if asked in (skill.name.lower(), *(other.lower() for other in skill.also)):
                return skill
        raise UnknownNameError("skill", words, self.skills)

    def place(self, hand: FloatArray) -> str:
        """Return the place where a hand [3] metres is, the nearest; empty for none."""
        away = {name: float(np.linalg.norm(hand - place.at)) for name, place in self.places.items()}
        near = [name for name, place in self.places.items() if away[name] <= place.within]
        return min(near, key=lambda name: away[name], default="")

    def described(self) -> dict[str, dict[str, Any]]:
        """Return what an agent may know of each skill, for JSON."""
        return {
            name: {"also": list(skill.also), "at": skill.at, "keep": skill.keep} for name, skill in self.skills.items()
        }


def read_skills(path: Path | str, contract: Contract) -> SkillTable:
    """Read and check the skills of an arm.

    Raises:
        StorageError: the file cannot be read.
        ConfigError: it is no YAML, or a field is unknown, missing or absurd.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"Cannot read the skills {path}: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {error}") from error
    return parse_skills(content, str(path), contract)


def parse_skills(content: Any, where: str, contract: Contract) -> SkillTable:
    """Check what YAML gave; ``where`` begins every error, motions are found beside it. See ``read_skills``."""
    top = Fields(content, where, ("skills", "places"))
    places = {name: _place(part, f"{where}: places.{name}") for name, part in top.mapping("places").items()}
    if places and contract.workspace is None:
        raise ConfigError(
            f"{where} names places; where the hand is needs the workspace of {contract.robot}'s contract."
        )
    given = top.mapping("skills")
    if not given:
        raise ConfigError(f"{where} names no skills.")
    folder = Path(where).parent
    skills = {
        name: _skill(name, part, f"{where}: skills.{name}", folder, contract, places) for name, part in given.items()
    }
    words: dict[str, str] = {}
    for skill in skills.values():
        for word in (skill.name, *skill.also):
            other = words.setdefault(" ".join(word.lower().split()), skill.name)
            if other != skill.name:
                raise ConfigError(f"{where}: {word!r} stands for two skills, {other!r} and {skill.name!r}.")
    return SkillTable(skills, places)


def _place(content: Any, where: str) -> Place:
    fields = Fields(content, where, Place.__dataclass_fields__)
    at = content.get("at")
    if not isinstance(at, list) or len(at) != 3:
        raise ConfigError(f"{where}: at must be three numbers, metres in the base frame, not {at!r}.")
    axes = Fields(dict(zip("xyz", at)), f"{where}: at", "xyz")
    return Place(np.array([axes.number(axis) for axis in "xyz"]), fields.number("within", above=0.0))


def _skill(name: str, content: Any, where: str, folder: Path, contract: Contract, places: Mapping[str, Place]) -> Skill:
    fields = Fields(content, where, _SKILL)
    if sum(kind in fields for kind in _KINDS) != 1:
        raise ConfigError(f"{where} needs a policy, joints or a motion, and one of them alone.")
    also = content.get("also", [])
    if not isinstance(also, list) or not all(isinstance(other, str) and other for other in also):
        raise ConfigError(f"{where}: also must be a list of words, not {also!r}.")
    for word in (name, *also):
        if not word.strip() or len(word) > _LONGEST:
            raise ConfigError(f"{where}: a skill's name has 1 to {_LONGEST} characters, not {len(word)}.")
    at = fields.text("at") if "at" in fields else ""
    if at and at not in places:
        raise UnknownNameError("place", at, places, f"See {where}.")
    return Skill(
        name,
        fields.number("timeout_s", above=0.0),
        policy=fields.text("policy") if "policy" in fields else "",
        joints=_pose(fields.mapping("joints"), where, contract) if "joints" in fields else None,
        motion=folder / fields.text("motion") if "motion" in fields else None,
        within_rad=fields.number("within_rad", 0.05, above=0.0),
        also=tuple(also),
        at=at,
        keep=fields.text("keep") if "keep" in fields else "",
    )


def _pose(given: Mapping[str, Any], where: str, contract: Contract) -> FloatArray:
    """Return joint positions [J]; joints that are not named are at home."""
    fields = Fields(given, f"{where}: joints", contract.joints)
    pairs = zip(contract.joints, contract.home.tolist())
    pose = np.array([fields.number(joint, home) for joint, home in pairs])
    outside = (pose < contract.limits.lower) | (pose > contract.limits.upper)
    if outside.any():
        raise ConfigError(f"{where}: {contract.joints[int(outside.argmax())]} is outside its limits.")
    if contract.workspace is not None and not contract.workspace.allows(pose):
        raise ConfigError(f"{where}: this pose is outside the workspace of {contract.robot}.")
    return pose
