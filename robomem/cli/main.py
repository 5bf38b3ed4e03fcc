"""``robomem VERB …``: finds the verb and turns our errors into one line. Nothing heavy is imported here."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import robomem
from robomem.errors import RobomemError, UnknownNameError

__all__ = ["main"]

VERBS = {
    "train": "train a policy with memory (robomem train recall-reach --memory hcam), or motion: robomem train motion",
    "eval": "measure a policy (robomem eval runs/demo) or an agent in a suite (robomem eval --suite NAME)",
    "play": "watch a policy, or solve a task of a suite yourself: robomem play --suite NAME",
    "serve": "answer for an agent at an OpenAI-compatible address: robomem serve --agent NAME",
    "deploy": "run a policy on an arm through ROS 2: robomem deploy --sim",
    "export": "a policy for another project: robomem export lerobot runs/demo --out exported",
    "collect": "record demonstrations as a data set: robomem collect recall-reach --out demos",
    "bag": "recordings of an arm to a data set and back: robomem bag to-dataset recordings",
    "motion": 'move as words say: robomem motion generate "wave; bow" --model RUN --out clip.mp4',
    "data": "look at a data set and verify it: robomem data verify demos",
    "memory": "what a robot remembers: robomem memory show | query | timeline | why | serve | mcp | … kitchen.db",
    "list": "what there is: environments, suites, agents, policies, memories, presets",
    "plot": "draw the learning curves of runs: robomem plot runs/*",
    "doctor": "check this machine and say how to mend it",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 a check failed, 2 a mistake in what was asked."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = os.environ.get("ROBOMEM_DEBUG", "0") not in {"", "0"} or "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        try:
            return _dispatch(arguments)
        finally:
            sys.stdout.flush()  # here, where a closed pipe can be caught, and not when Python exits
    except RobomemError as error:
        if debug:
            raise
        sys.stderr.write(_red(f"robomem: {error}") + "\n")
        return 2
    except KeyboardInterrupt as stop:
        sys.stderr.write(f"{str(stop) or 'interrupted'}\n")
        return 130
    except BrokenPipeError:  # the reader of a pipe went away, as `head` does; Python must not try to flush to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _dispatch(arguments: list[str]) -> int:
    verb = arguments[0] if arguments else "--help"
    if verb in {"-h", "--help", "help"}:
        sys.stdout.write(_help())
        return 0
    if verb in {"-V", "--version", "version"}:
        sys.stdout.write(f"robomem {robomem.__version__}\n")
        return 0
    if verb not in VERBS:
        raise UnknownNameError("verb", verb, VERBS, "See robomem --help.")
    module = importlib.import_module(f"robomem.cli.{verb}")
    return int(module.main(arguments[1:]))


def _help() -> str:
    width = max(map(len, VERBS)) + 2
    verbs = "\n".join(f"  {name:{width}}{summary}" for name, summary in VERBS.items())
    return (
        "usage: robomem VERB [options]\n\n"
        "Embodied agents with memory: train in MuJoCo, evaluate, deploy.\n\n"
        f"verbs:\n{verbs}\n\n"
        "options:\n"
        "  robomem VERB --help   every option of a verb\n"
        "  --debug               the traceback of an error (or ROBOMEM_DEBUG=1)\n"
        "  --version             the version\n"
    )


def _red(text: str) -> str:
    return f"\x1b[31m{text}\x1b[0m" if sys.stderr.isatty() and "NO_COLOR" not in os.environ else text
