"""What the documents tell a reader to type exists: commands and their flags, make targets, files, Python names."""

import ast
import functools
import importlib
import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest

from robomem.registry import load_plugins
from robomem.sequence import memories

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def blocks(*languages: str) -> list[tuple[str, str]]:
    """Return (document, code) of every fenced block in one of ``languages``."""
    return [
        (str(document.relative_to(ROOT)), code)
        for document in DOCUMENTS
        for language, code in FENCE.findall(document.read_text())
        if language in languages
    ]


def commands(program: str) -> list[tuple[str, ...]]:
    """Return the arguments of every use of ``program`` in a shell block, continued lines joined."""
    rows = (
        line.strip() for _, code in blocks("bash", "sh", "console") for line in code.replace("\\\n", " ").splitlines()
    )
    rows = (row.removeprefix("$ ") for row in rows)
    words = (shlex.split(row, comments=True) for row in rows if row.startswith(program + " "))
    return sorted({tuple(row[1:]) for row in words})


def mentioned(page: str) -> set[str]:
    """Return what ``page`` of docs/ sets in code, `a{1,2}b` standing for `a1b` and `a2b`."""
    found = set(re.findall(r"`([^`\n]+)`", (ROOT / "docs" / page).read_text()))
    while alternatives := {word for word in found if re.search(r"\{[^{}]*,[^{}]*\}", word)}:
        found -= alternatives
        for word in alternatives:
            head, inner, tail = re.split(r"\{([^{}]*,[^{}]*)\}", word, maxsplit=1)
            found |= {head + choice.strip() + tail for choice in inner.split(",")}
    return found


@functools.cache
def help_of(verb: str) -> str:
    printed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from robomem.cli.main import main; sys.exit(main())",
            *verb.split(),
            "--help",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", "NO_COLOR": "1"},
    )
    assert printed.returncode == 0, printed.stderr
    return printed.stdout


@pytest.mark.parametrize("arguments", commands("robomem"), ids=" ".join)
def test_robomem_commands_parse(arguments):
    verb, *rest = arguments
    if verb == "--help":
        return
    if rest and (verb in {"memory", "motion"} or (verb, rest[0]) == ("eval", "memory") or rest[0] == "motion"):
        # these have options of their own
        verb = f"{verb} {rest[0]}"
    flags = [word.split("=")[0] for word in rest if word.startswith("--") and "." not in word]
    assert [flag for flag in flags if flag not in help_of(verb)] == []


def test_make_targets_exist():
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {word for row in commands("make") for word in row if "=" not in word and not word.startswith("-")} <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(document):
    assert [link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()] == []


@pytest.mark.parametrize(("document", "code"), blocks("python"))
def test_python_examples_compile_and_import_what_exists(document, code):
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                importlib.import_module(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            module = importlib.import_module(node.module)
            missing = [a.name for a in node.names if not hasattr(module, a.name) and not submodule(node.module, a.name)]
            assert missing == [], f"{document}: {node.module} has no {missing}"


def submodule(package: str, name: str) -> bool:
    return importlib.util.find_spec(f"{package}.{name}") is not None


def test_every_environment_is_on_its_page():
    load_plugins()
    assert {name for name in gym.registry if name.startswith("robomem/")} - mentioned("environments.md") == set()


def test_every_memory_is_on_its_page():
    assert set(memories) - mentioned("memories.md") == set()
