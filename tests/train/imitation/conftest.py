from __future__ import annotations

from pathlib import Path

import pytest
from cloner import record

from robomem.train import pictures


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demonstrations of the tests' environment."""
    return record(tmp_path_factory.mktemp("demonstrations") / "data")


@pytest.fixture(autouse=True)
def no_film(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "film", lambda *_, **__: None)
