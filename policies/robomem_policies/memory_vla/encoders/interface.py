"""What every vision-language encoder offers, and how one is made by name.

Letters in shapes: M frames, V camera views, N raw perceptual tokens, d numbers of proprioception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from torch import Tensor

from robomem.errors import ConfigError, SpaceError
from robomem.registry import Registry

__all__ = ["VisionLanguageEncoder", "encoders", "make"]


class VisionLanguageEncoder(Protocol):
    """A ``torch.nn.Module`` that turns one moment into tokens; a frame's tokens depend on that frame alone.

    Attributes:
        tokens: N, of all views together.
        width: of a raw perceptual token.
        cognition: width of the cognitive token.
        grid: (V, rows, columns) in which the N tokens lie, view by view and row by row.
    """

    tokens: int
    width: int
    cognition: int
    grid: tuple[int, int, int]

    def __call__(
        self, views: Mapping[str, Tensor], proprio: Tensor | None, texts: Sequence[str]
    ) -> tuple[Tensor, Tensor]:
        """Encode M frames.

        Args:
            views: by name, uint8 [M, H, W, 3].
            proprio: [M, d] as the policy normalised it, and finite: the policy refuses NaN before it comes here. None
                where the encoder was made for none.
            texts: what is to be done in each of the M frames.

        Returns:
            Raw perceptual tokens [M, N, width] and the cognitive token [M, 1, cognition].

        Raises:
            SpaceError: a view is missing or of another shape or type than the encoder was made for.
            DataError: a text that is no instruction.
            ConfigError: an instruction needs a text encoder that is not installed.
        """
        ...

    def learn(self, texts: Sequence[str]) -> None:
        """Keep what these instructions need, so that the saved encoder acts on them without a text encoder."""
        ...

    def config(self) -> dict[str, Any]:
        """Return JSON keywords with which ``make`` builds this encoder again, ready for its saved arrays."""
        ...

    def saved(self) -> dict[str, Tensor]:
        """Return what a checkpoint must hold, by name: all but what ``make`` gets from elsewhere."""
        ...

    def restore(self, arrays: Mapping[str, Tensor]) -> None:
        """Take what ``saved`` returned. Raises CheckpointError, and changes nothing, where it does not fit."""
        ...


encoders: Registry[Any] = Registry("encoder", hint="hub takes a model after a colon: hub:FOLDER or hub:OWNER/NAME.")
"""Classes by name; each gets (model, views, proprio_width, **kwargs), model being what stands after the colon."""
encoders.add("small", "robomem_policies.memory_vla.encoders.small:SmallEncoder")
encoders.add("hub", "robomem_policies.memory_vla.encoders.hub.encoder:HubEncoder")


def make(name: str, views: Mapping[str, Sequence[int]], proprio_width: int, **kwargs: Any) -> VisionLanguageEncoder:
    """Build an encoder.

    Args:
        name: ``"small"``, or ``"hub:"`` and a model of the hub or a local folder.
        views: by name, (height, width) or (height, width, 3) of each camera's images, in the order of their tokens.
        proprio_width: d; 0 for none.
        kwargs: the encoder's own fields.

    Raises:
        UnknownNameError: no encoder has that name.
        ConfigError: a field that it does not have, a value out of range, or a model that cannot be loaded.
        SpaceError: a view that is no colour image, or too small.
    """
    kind, _, model = str(name).partition(":")
    factory = encoders[kind]
    try:
        encoder: VisionLanguageEncoder = factory(model, _sizes(views), _width(proprio_width), **kwargs)
    except TypeError as error:
        raise ConfigError(f"encoder {name!r}: {error}") from error
    return encoder


def _sizes(views: Mapping[str, Sequence[int]]) -> dict[str, tuple[int, int]]:
    if not isinstance(views, Mapping) or not views:
        raise ConfigError("An encoder needs at least one camera view, as {name: (height, width)}.")
    sizes = {}
    for name, shape in views.items():
        if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] != 3) or min(shape) < 1:
            raise SpaceError(f"view {name!r} has the shape {tuple(shape)}; colour images are (height, width, 3).")
        sizes[str(name)] = (int(shape[0]), int(shape[1]))
    return sizes


def _width(proprio_width: int) -> int:
    if isinstance(proprio_width, bool) or not isinstance(proprio_width, int) or proprio_width < 0:
        raise ConfigError(f"proprio_width must be an integer >= 0, not {proprio_width!r}.")
    return proprio_width
