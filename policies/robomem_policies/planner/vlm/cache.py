"""Answers kept on disk under the hash of what was asked, so that a run played again is the same run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from robomem.serialization import write_json
from robomem_policies.planner.vlm.chat import ChatModel, Completion, Message

__all__ = ["Cached", "default_folder"]


class Cached:
    """A model whose answers are kept.

    Args:
        model: who answers what was not asked before.
        folder: of the answers, one file each.
        identity: what else an answer depends on, such as the endpoint and the temperature.
    """

    def __init__(self, model: ChatModel, folder: Path, identity: Mapping[str, Any]) -> None:
        self.name, self._model, self._folder, self._identity = model.name, model, folder, dict(identity)

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Completion:
        """Answer as before, or ask; see ``ChatModel.complete``. A damaged file is as good as none."""
        asked = [self._identity, list(messages), dict(schema)]
        key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        path = self._folder / key[:2] / f"{key}.json"
        try:
            kept = json.loads(path.read_bytes())
            answer = Completion(str(kept["text"]), int(kept["tokens_in"]), int(kept["tokens_out"]))
        except (OSError, ValueError, KeyError, TypeError):
            answer = self._model.complete(messages, schema)
            write_json(path, asdict(answer))
        return answer


def default_folder() -> Path:
    """Return where answers are kept unless the option ``cache`` says otherwise."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "robomem", "answers")
