"""``robomem doctor``: check this machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from robomem.cli.parse import parse
from robomem.errors import ConfigError

__all__ = ["Doctor", "main"]


@dataclass(frozen=True)
class Doctor:
    """Check this machine for what RoboMem needs, and say how to mend what is missing. Exit status 1 on a failure."""

    json: bool = False
    """Print JSON instead of a table."""
    ros: bool = False
    """Check ROS 2 instead: environment, discovery, clock and, with --contract, the topics of an arm."""
    contract: str = ""
    """With --ros: the contract of the arm, e.g. so101, or a YAML file."""

    def run(self) -> int:
        """Run every check and print what it found."""
        from rich.table import Table
        from rich.text import Text

        from robomem.cli.checks import all_checks, ros_checks
        from robomem.cli.console import out

        if self.contract and not self.ros:
            raise ConfigError("--contract is checked with --ros.")
        findings = ros_checks(self.contract) if self.ros else all_checks()
        if self.json:
            out.print(json.dumps([vars(finding) for finding in findings], indent=2), markup=False)
        else:
            table = Table(show_header=False, box=None)
            colours = {"ok": "green", "note": "yellow", "fail": "red"}
            for finding in findings:
                detail = Text(finding.detail)
                if finding.hint:
                    detail.append(f"\n{finding.hint}", "bold")
                table.add_row(Text(finding.status, colours[finding.status]), finding.name, detail)
            out.print(table, soft_wrap=False)
        failed = sum(finding.status == "fail" for finding in findings)
        if not self.json:
            out.print(f"{failed} of {len(findings)} checks failed." if failed else "All that is needed is here.")
        return 1 if failed else 0


def main(argv: Sequence[str]) -> int:
    """Run ``robomem doctor`` with the words after the verb."""
    return parse(Doctor, "doctor", argv).run()
