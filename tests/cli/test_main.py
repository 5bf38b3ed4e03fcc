from __future__ import annotations

import dataclasses
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import robomem
from robomem.cli.main import VERBS, main
from robomem.errors import UnknownNameError

HEAVY = {"torch", "mujoco", "diffusers", "gymnasium", "numpy", "stable_baselines3", "matplotlib", "tyro", "rich"}
SHOW_MODULES = """
import json, sys
from robomem.cli.main import main
status = main({argv})
sys.stdout.flush()
print(json.dumps([status, sorted(name for name in sys.modules if "." not in name)]))
"""


def run(argv: list[str]) -> tuple[int, set[str], float]:
    """Return exit status, imported top-level modules and CPU seconds of ``main(argv)`` in a fresh process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = SHOW_MODULES.format(argv=argv)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    status, modules = json.loads(done.stdout.splitlines()[-1])
    return status, set(modules), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    seconds = []
    for _ in range(3):
        status, modules, cpu = run(["--help"])
        assert status == 0
        assert not modules & HEAVY
        seconds.append(cpu)
    assert min(seconds) < 0.3


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_help_of_a_verb_loads_no_torch_and_documents_every_option(verb: str) -> None:
    code = f"""
import sys
from robomem.cli.main import main
try:
    main([{verb!r}, "--help"])
finally:
    assert not {{"torch", "mujoco", "gymnasium", "diffusers"}} & set(sys.modules), "heavy"
"""
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert f"usage: robomem {verb}" in done.stdout
    words = " ".join(done.stdout.replace("│", " ").split())
    options = [word for word in words.split() if word.startswith("--")]
    assert "--help" in " ".join(options)
    command = __import__(f"robomem.cli.{verb}", fromlist=["main"])
    if verb in {"memory", "motion"}:
        package = command.__name__ if verb == "memory" else "robomem.cli"
        for place, _ in command.ACTIONS.values():
            module, _, name = place.partition(":")
            check_fields(__import__(f"{package}.{module}", fromlist=[name]), name)
    else:
        check_fields(command, verb.capitalize())


def check_fields(module: ModuleType, name: str) -> None:
    """Every option has a line of documentation below it, in its own file or in that of its base."""
    command = getattr(module, name)
    fields = dataclasses.fields(command)
    assert len(fields) <= 15
    text = "".join(Path(sys.modules[base.__module__].__file__).read_text() for base in command.__mro__[:-1])
    for field in fields:
        declared = text.index(f"    {field.name}: ")
        line_after = text[declared:].split("\n", 2)[1].strip()
        assert line_after.startswith('"""'), f"{name}.{field.name} has no documentation"


def test_top_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == main(["--help"]) == main(["help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {verb} " in shown for verb in VERBS)
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"robomem {robomem.__version__}\n"


def test_an_unknown_verb_gets_a_suggestion_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trian"]) == 2
    shown = capsys.readouterr().err
    assert "Did you mean 'train'" in shown
    assert shown.count("\n") == 1
    assert "Traceback" not in shown


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownNameError):
        main(["trian", "--debug"])
    monkeypatch.setenv("ROBOMEM_DEBUG", "1")
    with pytest.raises(UnknownNameError):
        main(["trian"])


def test_a_closed_pipe_is_no_traceback() -> None:
    code = "import sys; from robomem.cli.main import main; sys.exit(main(['train', '--help']))"
    command = f'{sys.executable} -c "{code}" | head -n 1'
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("robomem.cli.main._dispatch", interrupt)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == "interrupted\n"
