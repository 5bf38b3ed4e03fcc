"""Agents that play suites: the episodes of EmbodiedBench's protocol, runs that survive being killed, and reports."""

from robomem.evaluate.embodied.compare import compare
from robomem.evaluate.embodied.episode import play_episode
from robomem.evaluate.embodied.files import read_results, write_results
from robomem.evaluate.embodied.record import Call, EpisodeRecord, Step
from robomem.evaluate.embodied.run import SuiteRun, choose, evaluate_suite
from robomem.evaluate.embodied.summary import score, scores, visits

__all__ = [
    "Call",
    "EpisodeRecord",
    "Step",
    "SuiteRun",
    "choose",
    "compare",
    "evaluate_suite",
    "play_episode",
    "read_results",
    "score",
    "scores",
    "visits",
    "write_results",
]
