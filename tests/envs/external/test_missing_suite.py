"""Where LIBERO is not installed, its suites are known by name, and say how to get it."""

from __future__ import annotations

import pytest

from robomem.cli.list import catalogue
from robomem.cli.main import main
from robomem.families import missing
from robomem_envs.external.libero.names import PACKAGES

pytestmark = pytest.mark.skipif(not missing(PACKAGES), reason="LIBERO is installed here")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["eval", "--suite", "libero_spatial"], "make bench-env"),
        (["eval", "--suite", "libero_spatial:task-3", "--agent", "oracle"], "make bench-env"),
        (["play", "--suite", "libero_object_swap"], "make bench-env"),
        (["eval", "--suite", "libero_spatal"], "Did you mean 'libero_spatial'"),
        (["eval", "random", "--env", "libero/libero_spatial-0"], "make bench-env"),
    ],
)
def test_mistakes_are_one_line_and_status_2(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown


def test_the_listing_does_not_repeat_itself_for_each_suite() -> None:
    found = catalogue("suites")["suites"]
    absent = {name: text for name, text in found.items() if "libero" in name}
    assert list(absent) == ["libero_…"]
    assert absent["libero_…"].startswith("33 suites. ")
    assert "make bench-env" in absent["libero_…"]
    assert "household" in found
