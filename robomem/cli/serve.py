"""``robomem serve``: answer for an agent at an OpenAI-compatible address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import tyro

from robomem.cli.eval_suite import agent_options
from robomem.cli.parse import OptionalName, parse

__all__ = ["Serve", "main"]


@dataclass(frozen=True)
class Serve:
    """Answer for an agent at http://HOST:PORT/v1, so that EmbodiedBench's own evaluators can ask it for plans.

    Set OPENAI_BASE_URL to the address and OPENAI_API_KEY to anything, and name a model with "gpt" in its name.

    robomem serve --agent local-lm --port 8000
    """

    agent: Annotated[str, tyro.conf.arg(metavar="NAME")]
    """Who answers; robomem list agents shows them."""
    model: OptionalName = None
    """The agent's language model."""
    base_url: OptionalName = None
    """Of the endpoint that the agent itself asks."""
    memory: OptionalName = None
    """The memory that the agent uses."""
    agent_kwargs: dict[str, Any] = field(default_factory=dict)
    """Options of the agent."""
    host: Annotated[str, tyro.conf.arg(metavar="ADDRESS")] = "127.0.0.1"
    """Where to listen. There is no password: an address that others reach lets others ask."""
    port: int = 8000
    """On which port; 0 for any that is free."""

    def run(self) -> int:
        """Serve until interrupted."""
        from robomem.cli.console import log_to_terminal, out
        from robomem.embodied import agents
        from robomem.serve import make_app
        from robomem.serve.address import is_loopback, listen

        log_to_terminal()
        options = agent_options(self.model, self.base_url, self.memory, self.agent_kwargs)
        app = make_app(self.agent, agents[self.agent], options)
        listening = listen(self.host, self.port)
        import uvicorn

        port = listening.getsockname()[1]
        config = uvicorn.Config(app, log_level="warning", limit_concurrency=64, timeout_keep_alive=30)
        out.print(f"{self.agent} answers at http://{self.host}:{port}/v1 (Ctrl-C ends it)", markup=False)
        if not is_loopback(self.host):
            out.print("Others can reach this address; there is no password.", markup=False)
        uvicorn.Server(config).run(sockets=[listening])
        return 0


def main(argv: Sequence[str]) -> int:
    """Run ``robomem serve`` with the words after the verb."""
    return parse(Serve, "serve", argv).run()
