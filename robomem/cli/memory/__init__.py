"""``robomem memory``: what a robot remembers, looked at, carried about, and put to use."""

from __future__ import annotations

from collections.abc import Sequence

from robomem.cli.actions import run_action

__all__ = ["main"]

ACTIONS = {
    "show": ("reading:Show", "what it holds: counts, things and where they are"),
    "query": ("reading:Query", "what bears on a question: robomem memory query kitchen.db 'where is the mug'"),
    "timeline": (
        "reading:Timeline",
        "all that was ever held of a thing: robomem memory timeline kitchen.db 'red mug'",
    ),
    "why": ("reading:Why", "what a fact rests on: robomem memory why kitchen.db 12"),
    "export": (
        "files:Export",
        "write it into a file: robomem memory export kitchen.db kitchen.jsonl (or .graphml)",
    ),
    "import": ("files:Import", "read such a file in: robomem memory import kitchen.db kitchen.jsonl"),
    "demo": ("files:Demo", "make one to try: robomem memory demo kitchen.db"),
    "verify": ("upkeep:Verify", "whether it is whole"),
    "stats": ("upkeep:Stats", "rows, bytes, and how fast it grows"),
    "forget": ("upkeep:Forget", "erase for good, with a reason"),
    "reindex": ("upkeep:Reindex", "make all vectors anew, also with another encoder"),
    "serve": ("servers:Page", "look at it in a browser"),
    "mcp": ("servers:Mcp", "lend it to other agents, over the Model Context Protocol"),
    "proxy": ("servers:Proxy", "lend it to any client of an OpenAI-compatible address"),
}
"""Module and dataclass of each action, and what it does."""


def main(argv: Sequence[str]) -> int:
    """Run ``robomem memory`` with the words after the verb."""
    about = (
        "What a robot remembers: look at it, carry it about, put it to use.\n"
        "DATABASE is an SQLite file, or the URL of a PostgreSQL database: postgresql://user@host/name."
    )
    return run_action("memory", ACTIONS, argv, package=__name__, takes="DATABASE", about=about)
