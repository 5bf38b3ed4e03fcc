"""The policies that a node may put in charge of its arm: the usual one, and those of its named skills."""

from __future__ import annotations

from robomem import policy as policies
from robomem.deploy import require_training
from robomem.deploy.adapter import require_fit
from robomem.deploy.contract import Contract
from robomem.deploy.skills import GoTo, Perform, Skill, SkillTable, read_skills
from robomem.errors import ConfigError, DataError, StorageError
from robomem.motion.files import read_motion
from robomem.policy import Policy
from robomem.types import FloatArray

__all__ = ["Repertoire"]


class Repertoire:
    """All of it is loaded and held against the contract before anything moves.

    Args:
        contract: of the arm.
        policy: folder or name of the usual policy; without one it is that of the first skill.
        skills: YAML file of named skills; empty for none.

    Raises:
        RobomemError: a policy or a skill is missing, damaged, or does not fit.

    Attributes:
        name: of what is chosen now.
        named: whether there are skills.
        usual: the policy for whoever names no skill.
    """

    def __init__(self, contract: Contract, policy: str, skills: str) -> None:
        self._table = read_skills(skills, contract) if skills else SkillTable({}, {})
        self.named = bool(skills)
        self._loaded: dict[str, Policy] = {}
        self._policies = {skill.name: self._of(skill, contract) for skill in self._table.skills.values()}
        if not policy and not skills:
            raise ConfigError("Which policy? Set the parameter policy to a folder or name, or skills to a YAML file.")
        self._usual = policy or next(iter(self._policies))
        self.usual = self._load(policy, contract) if policy else self._policies[self._usual]
        self.name = self._usual
        self._skill: Skill | None = None

    def choose(self, words: str) -> Policy:
        """Return the policy of a skill, or the usual one for no words; raises UnknownNameError."""
        self._skill = self._table.find(words) if words.strip() else None
        self.name = self._skill.name if self._skill else self._usual
        return self._policies[self._skill.name] if self._skill else self.usual

    def reached(self, position: FloatArray) -> bool | None:
        """Return whether the joints [J] are at the pose of the skill, or its motion's end; None where others judge."""
        if self._skill is None:
            return None
        policy = self._policies[self._skill.name]
        return policy.reached(position) if isinstance(policy, Perform) else self._skill.reached(position)

    def notes(self) -> list[str]:
        """Return what is to be known of each motion: how long it is, and what the arm's limits changed in it."""
        return [f"{name}: {policy}" for name, policy in self._policies.items() if isinstance(policy, Perform)]

    def __str__(self) -> str:
        return f"{self._usual} with {len(self._policies)} skills" if self.named else self._usual

    def _of(self, skill: Skill, contract: Contract) -> Policy:
        try:
            if skill.joints is not None:
                return GoTo(skill.joints, contract)
            if skill.motion is not None:
                return Perform(read_motion(skill.motion), contract)
            policy = self._load(skill.policy, contract)
            require_fit(policy, contract)
        except (ConfigError, DataError, StorageError) as error:
            raise ConfigError(f"Skill {skill.name!r}: {error}") from error
        return policy

    def _load(self, name: str, contract: Contract) -> Policy:
        if name not in self._loaded:
            require_training(policies.info(name), contract)
            self._loaded[name] = policies.load(name)
        return self._loaded[name]
