"""How well a memory keeps up with a world: scripted worlds with their truth, and memories behind one interface."""

from robomem.evaluate.memory.difficulty import VARIANTS, Difficulty, find_variant
from robomem.evaluate.memory.generator import make_world
from robomem.evaluate.memory.questions import Answer, Question, make_questions
from robomem.evaluate.memory.run import Benchmark, run_benchmark
from robomem.evaluate.memory.statement import Statement
from robomem.evaluate.memory.system import Beliefs, MemorySystem, Recalled, Setting, memory_systems
from robomem.evaluate.memory.tables import write_benchmark
from robomem.evaluate.memory.world import World

__all__ = [
    "VARIANTS",
    "Answer",
    "Beliefs",
    "Benchmark",
    "Difficulty",
    "MemorySystem",
    "Question",
    "Recalled",
    "Setting",
    "Statement",
    "World",
    "find_variant",
    "make_questions",
    "make_world",
    "memory_systems",
    "run_benchmark",
    "write_benchmark",
]
