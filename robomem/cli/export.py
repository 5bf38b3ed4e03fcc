"""``robomem export``: a policy for another project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from robomem.cli.parse import OptionalPath, parse
from robomem.errors import ConfigError

__all__ = ["Export", "main"]


@dataclass(frozen=True)
class Export:
    """Write a trained policy so that another project can load it.

    robomem export lerobot runs/shell-game/policy-last --out exported
    """

    format: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="FORMAT")]
    """For whom: lerobot, a plugin package and a folder for lerobot-eval --policy.path."""
    policy: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="POLICY")]
    """A training run or the folder of a policy."""
    out: OptionalPath = None
    """The folder to write. Nothing that is there is overwritten."""

    def run(self) -> int:
        """Write it and say what to do next."""
        from robomem.cli.console import out
        from robomem.policy import exporters

        export = exporters[self.format]
        if self.out is None:
            raise ConfigError("Where to? Give --out, a folder.")
        if self.out.exists() and (not self.out.is_dir() or any(self.out.iterdir())):
            raise ConfigError(f"{self.out} is there already, and nothing is overwritten; give another --out.")
        out.print(export(self.policy, self.out), markup=False)
        return 0


def main(argv: Sequence[str]) -> int:
    """Run ``robomem export`` with the words after the verb."""
    return parse(Export, "export", argv).run()
