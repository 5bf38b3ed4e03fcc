"""The same memory for asyncio: every call on a thread, so that the event loop never waits for a disk or a model."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.view import LifelongView

__all__ = ["AsyncLifelongMemory", "AsyncLifelongView"]

P = ParamSpec("P")
R = TypeVar("R")


def _awaited(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, R]]:
    @functools.wraps(method)
    async def call(self: Any, *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.to_thread(method, self.sync, *args, **kwargs)

    return cast(Callable[Concatenate[Any, P], Coroutine[Any, Any, R]], call)


class AsyncLifelongView:
    """A ``LifelongView`` whose methods are awaited; names and arguments are the same.

    Attributes:
        sync: the view itself.
    """

    def __init__(self, view: LifelongView) -> None:
        self.sync = view

    def as_of(self, valid: float | None = None, known: float | None = None) -> AsyncLifelongView:
        """Return the view of another time."""
        return AsyncLifelongView(self.sync.as_of(valid, known))

    recall = _awaited(LifelongView.recall)
    entities = _awaited(LifelongView.entities)
    facts = _awaited(LifelongView.facts)
    history = _awaited(LifelongView.history)
    near = _awaited(LifelongView.near)
    last_seen = _awaited(LifelongView.last_seen)
    why = _awaited(LifelongView.why)


class AsyncLifelongMemory(AsyncLifelongView):
    """A ``LifelongMemory`` whose methods are awaited; names and arguments are the same.

    Use it as ``async with await AsyncLifelongMemory.open("kitchen.db") as memory``.

    Attributes:
        sync: the memory itself.
    """

    sync: LifelongMemory

    @classmethod
    async def open(cls, where: str | os.PathLike[str], **options: Any) -> AsyncLifelongMemory:
        """Open a memory with the arguments of ``LifelongMemory``."""
        return cls(await asyncio.to_thread(functools.partial(LifelongMemory, where, **options)))

    observe = _awaited(LifelongMemory.observe)
    attempt = _awaited(LifelongMemory.attempt)
    remember = _awaited(LifelongMemory.remember)
    begin_episode = _awaited(LifelongMemory.begin_episode)
    forget = _awaited(LifelongMemory.forget)
    expire = _awaited(LifelongMemory.expire)
    close = _awaited(LifelongMemory.close)

    async def __aenter__(self) -> AsyncLifelongMemory:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
