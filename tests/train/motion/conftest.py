from __future__ import annotations

from pathlib import Path

import pytest
from mover import record


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of the tests' body."""
    return record(tmp_path_factory.mktemp("motion") / "data")
