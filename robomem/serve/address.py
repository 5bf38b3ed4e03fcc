"""Where a server listens."""

from __future__ import annotations

import ipaddress
import socket

from robomem.errors import ConfigError

__all__ = ["is_loopback", "listen"]


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address; port 0 is any that is free.

    Raises:
        ConfigError: the address is taken, or not this machine's.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise ConfigError(f"Cannot listen at {host}:{port}: {error}. Choose another --port, or 0 for any.") from error


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
