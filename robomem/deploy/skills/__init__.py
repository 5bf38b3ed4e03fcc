"""Named skills of an arm, and a planning agent that does tasks with them. No ROS here."""

from robomem.deploy.skills.errand import Done, Ended, Errand, Recalled, World
from robomem.deploy.skills.go_to import GoTo
from robomem.deploy.skills.perform import Perform
from robomem.deploy.skills.table import Place, Skill, SkillTable, parse_skills, read_skills

__all__ = [
    "Done",
    "Ended",
    "Errand",
    "GoTo",
    "Perform",
    "Place",
    "Recalled",
    "Skill",
    "SkillTable",
    "World",
    "parse_skills",
    "read_skills",
]
