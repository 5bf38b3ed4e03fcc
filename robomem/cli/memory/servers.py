"""``robomem memory serve | mcp | proxy``."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from robomem.cli.memory.options import Database
from robomem.cli.parse import OptionalName, OptionalPath
from robomem.errors import ConfigError

if TYPE_CHECKING:
    from socket import socket

__all__ = ["Mcp", "Page", "Proxy"]

Address = Annotated[str, tyro.conf.arg(metavar="ADDRESS")]


@dataclass(frozen=True)
class Page:
    """Look at a memory in a browser: the map at any time, what facts rest on with their pictures, forgetting.

    Forgetting needs the token that is printed; looking needs none. The robot may go on writing meanwhile.

    robomem memory serve kitchen.db --media kitchen-pictures
    """

    database: Database
    """An SQLite file, or the URL of a PostgreSQL database."""
    namespace: OptionalName = None
    """Whose memory, as tenant/map/robot. Needed only where the database holds several."""
    encoder: OptionalName = None
    """Of text. The memory says which; it must be named only where it is new, or asks others for its vectors."""
    media: OptionalPath = None
    """The folder that pictures of observations may be shown from; without it none are."""
    host: Address = "127.0.0.1"
    """Where to listen. Looking needs no password: an address that others reach shows them the memory."""
    port: int = 8080
    """On which port; 0 for any that is free."""

    def run(self) -> int:
        """Serve until interrupted."""
        from robomem.cli.console import log_to_terminal, out
        from robomem.serve.address import listen

        try:
            from robomem.serve.memory.app import Site, make_app
            from robomem.serve.memory.guard import Token, hosts_of
        except ImportError as error:
            raise _lacking(error) from None
        if self.media is not None and not self.media.is_dir():
            raise ConfigError(f"--media {self.media} is no folder.")
        log_to_terminal()
        token = Token()
        with listen(self.host, self.port) as listening:
            port = listening.getsockname()[1]
            hosts = tuple(hosts_of(self.host, port))
            app = make_app(Site(self.database, self.namespace, self.encoder, self.media, hosts, token))
            out.print(f"The memory is at http://{self.host}:{port}/ (Ctrl-C ends it)", markup=False)
            out.print(f"Forgetting needs the token {token.value}", markup=False)
            _serve(app, listening, self.host)
        return 0


@dataclass(frozen=True)
class Mcp:
    """Lend a memory to agents that speak the Model Context Protocol, on standard input and output.

    robomem memory mcp kitchen.db
    """

    database: Database
    """An SQLite file, or the URL of a PostgreSQL database."""
    namespace: OptionalName = None
    """Whose memory, as tenant/map/robot. Needed only where the database holds several."""
    encoder: OptionalName = None
    """Of text. The memory says which; it must be named only where it is new, or asks others for its vectors."""
    allow_writes: bool = False
    """Lend the tools remember and forget too."""

    def run(self) -> int:
        """Serve until standard input ends."""
        from robomem.lifelong.opening import open_memory

        try:
            from robomem.serve.memory.mcp_server import make_server
        except ImportError as error:
            raise _lacking(error) from None
        with open_memory(
            self.database, self.namespace, encoder=self.encoder, read_only=not self.allow_writes
        ) as memory:
            make_server(memory, allow_writes=self.allow_writes).run("stdio")
        return 0


@dataclass(frozen=True)
class Proxy:
    """Answer as an OpenAI-compatible endpoint does, with a memory: point any client at this address instead.

    What the memory has on the last message is added to the system message, as data; what was said is stored.

    robomem memory proxy kitchen.db --base-url http://127.0.0.1:8000/v1
    """

    database: Database
    """An SQLite file, which is made if there is none, or the URL of a PostgreSQL database."""
    base_url: Annotated[str, tyro.conf.arg(metavar="URL")] = dataclasses.field(kw_only=True)
    """Of the endpoint that answers, up to /v1; the client's key is passed on to it."""
    namespace: OptionalName = None
    """Whose memory, as tenant/map/robot. Needed only where the database holds several."""
    encoder: OptionalName = None
    """Of text. The memory says which; it must be named only where it is new, or asks others for its vectors."""
    limit: int = 4000
    """Characters of what is recalled that are added at most."""
    owner: bool = False
    """Who asks is the robot's owner, and is believed; without it what is said is kept with low trust."""
    store: bool = True
    """Keep what is said. --store False only recalls."""
    host: Address = "127.0.0.1"
    """Where to listen. There is no password: an address that others reach lets them ask the memory."""
    port: int = 8081
    """On which port; 0 for any that is free."""

    def run(self) -> int:
        """Serve until interrupted."""
        from robomem.cli.console import log_to_terminal, out
        from robomem.lifelong.opening import open_memory
        from robomem.lifelong.records import Trust
        from robomem.serve.address import listen

        try:
            from robomem.serve.memory import proxy
            from robomem.serve.memory.guard import hosts_of
        except ImportError as error:
            raise _lacking(error) from None
        if not self.base_url.startswith(("http://", "https://")):
            raise ConfigError(f"--base-url {self.base_url!r} is no address: it begins with http:// or https://.")
        if self.limit < 1:
            raise ConfigError(f"--limit {self.limit} leaves nothing; give 1 or more.")
        log_to_terminal()
        trust = Trust.USER if self.owner else Trust.LOW
        how = proxy.Proxy(self.base_url, limit=self.limit, store=self.store, trust=trust)
        with (
            listen(self.host, self.port) as listening,
            open_memory(
                self.database, self.namespace, encoder=self.encoder, read_only=not self.store, create=self.store
            ) as memory,
        ):
            port = listening.getsockname()[1]
            app = proxy.make_proxy(memory, how, hosts_of(self.host, port))
            out.print(f"OPENAI_BASE_URL=http://{self.host}:{port}/v1 (Ctrl-C ends it)", markup=False)
            _serve(app, listening, self.host)
        return 0


def _serve(app: Any, listening: socket, host: str) -> None:
    import uvicorn

    from robomem.cli.console import out
    from robomem.serve.address import is_loopback

    if not is_loopback(host):
        out.print("Others can reach this address; there is no password.", markup=False)
    config = uvicorn.Config(app, log_level="warning", limit_concurrency=64, timeout_keep_alive=30)
    uvicorn.Server(config).run(sockets=[listening])


def _lacking(error: ImportError) -> ConfigError:
    return ConfigError(f"This needs {error.name}: pip install 'robomem[memory,serve,mcp]'.")
