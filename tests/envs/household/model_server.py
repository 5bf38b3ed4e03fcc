"""An OpenAI-compatible endpoint in a process of its own, which answers as the name of the model says.

    python model_server.py '[3, 14]'

``good`` plans the given actions and plays every other role sensibly; the others misbehave. It says its address on its
first line of output.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "embodied"))
from openai_stub import Answer, openai_stub

ANSWERS: dict[str, Any] = {
    "summary": "I see the red mug on the sofa.",
    "queries": ["Where is the apple?", "What does the user like?"],
    "reasoning": "It is possible.",
    "suitable": True,
    "facts": [{"subject": "red mug", "relation": "on", "object": "sofa", "value": ""}],
    "ended": [],
    "items": [{"kind": "task", "text": "Apples go into the sink."}],
    "what": "add",
    "id": 0,
    "text": "",
    "language_plan": "Fetch it.",
    "visual_state_description": "",
    "reasoning_and_reflection": "",
}
NONSENSE = ["I am a teapot.", "{}", '{"queries": 3, "facts": [[]], "executable_plan": [{"action_id": 9999}]}', "[[[[["]


class Model:
    """Answers a request."""

    def __init__(self, plan: list[int]) -> None:
        self._actions = [{"action_id": one, "action_name": "?"} for one in plan]
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def respond(self, request: dict[str, Any]) -> Answer:
        kind = request["model"]
        with self._lock:
            self._asked[kind] += 1
            number = self._asked[kind]
        schema = request["response_format"]["json_schema"]["schema"]
        known = {**ANSWERS, "executable_plan": self._actions}
        good = Answer(json.dumps({name: known[name] for name in schema["required"]}))
        if kind == "nonsense":
            return Answer(NONSENSE[number % len(NONSENSE)])
        if kind in ("late", "silent"):  # the headers come, and nothing else; or the whole answer a little too late
            return Answer(good.text, stall=threading.Event() if kind == "silent" else Later(1.5))
        if kind == "drops":
            return Answer(good.text, cut_off=True)
        if kind == "mixed":
            return good if number % 2 else Answer(NONSENSE[number // 2 % len(NONSENSE)])
        return good


class Later(threading.Event):
    """Is set some seconds after it is waited for."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(self._seconds)


def main() -> None:
    with openai_stub() as stub:
        stub.respond = Model(json.loads(sys.argv[1])).respond
        print(stub.url, flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
