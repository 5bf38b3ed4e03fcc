"""The process of one run of a sweep: reads a configuration from standard input, starts the run or goes on with it."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from robomem.errors import RobomemError
from robomem.train import config_file, process
from robomem.train.run_folder import RunFolder
from robomem.train.start import train

__all__ = ["main"]

PATIENCE_S = 120.0


def main() -> int:
    """Train; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    process.end_with_parent()
    try:
        config = config_file.from_mapping(json.load(sys.stdin))
        folder = Path(config.out)
        RunFolder(folder).wait(PATIENCE_S)  # for one that a killed sweep left behind and that saves itself now
        train(config, resume=folder if (folder / "config.yaml").exists() else None)
    except KeyboardInterrupt as stopped:
        logging.info("%s", stopped or "stopped")
        return 130
    except RobomemError as error:
        logging.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
