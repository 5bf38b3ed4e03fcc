"""What does it remember: an episode of a bank as a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.bank.inspection import Moment
from robomem.errors import ConfigError

__all__ = ["strip"]

_THUMBNAILS = 10
_WIDTH = 10.0
_NEWS = 12
_CONTRAST = 8.0
"""Shares of attention beyond so many times an equal share, or below one so-many-th of it, look alike."""


def strip(
    streams: Mapping[str, Sequence[Moment]],
    frames: Sequence[npt.NDArray[np.uint8]] | None = None,
    *,
    words: Sequence[str] | None = None,
    title: str = "",
    dpi: int = 110,
) -> bytes:
    """Draw what was remembered over an episode, and what was looked at.

    A panel a stream: to the right the environment step at which the bank was asked, upwards the step at which an entry
    was written. An entry is a line for as long as it is kept, thicker for more writes in it and darker for more
    attention than an equal share; a line that ends was merged into the one below it, or dropped. Under the panels the
    share of memory in what came out, and above them the frames that the last moment of the first stream attended to
    most. Lowest, what was put in words when it was.

    Args:
        streams: the moments of one episode by the name of the stream, e.g. ``bank.inspect(...)[name].row(0)`` of each
            step, in order.
        frames: [H, W, 3] uint8 pictures, one for each moment of the first stream.
        words: what a symbolic memory held after each moment of the first stream, parts with "; " between them.
        title: what to write above.
        dpi: dots per inch of the picture, which is ten inches wide.

    Returns:
        The bytes of a PNG file.

    Raises:
        ConfigError: no moments, or not as many frames or words.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    episodes = {name: list(moments) for name, moments in streams.items()}
    if not episodes or not all(episodes.values()):
        raise ConfigError("there is nothing to draw: give the moments of an episode, one for each step.")
    first = next(iter(episodes.values()))
    for what, given in (("frames", frames), ("words", words)):
        if given is not None and len(given) != len(first):
            raise ConfigError(f"{len(given)} {what} for {len(first)} moments: give one for each.")
    news = [] if words is None else _news(first, words)
    pictured = [] if frames is None else _kept(first)
    heights = [1.3] * bool(pictured) + [2.6] * len(episodes) + [1.0] + [0.2 + 0.2 * len(news)] * bool(news)
    figure = Figure(figsize=(_WIDTH, sum(heights) + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    rows = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    if pictured and frames is not None:
        _film(figure, rows[0], first, frames, pictured)
    shared: Any = None
    for place, (name, moments) in enumerate(episodes.items(), start=bool(pictured)):
        axes = figure.add_subplot(rows[place], sharex=shared)
        shared = shared or axes
        _lines(figure, axes, moments, name)
    gates = figure.add_subplot(rows[bool(pictured) + len(episodes)], sharex=shared)
    for name, moments in episodes.items():
        gates.plot([m.now for m in moments], [m.gate for m in moments], label=name, linewidth=1.5)
    gates.set(ylim=(0, 1), ylabel="share of\nmemory", xlabel="environment step")
    gates.legend(loc="upper right", fontsize=8, frameon=False)
    gates.spines[["top", "right"]].set_visible(False)
    if news:
        _said(figure.add_subplot(rows[-1], sharex=shared), news)
    if title:
        figure.suptitle(title, fontsize=11)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def _kept(moments: Sequence[Moment]) -> list[int]:
    """Return the entries of the last moment that are pictured: those attended to most, in order of time."""
    chosen = np.argsort(-moments[-1].attention, kind="stable")[:_THUMBNAILS]
    return sorted(int(index) for index in chosen)


def _news(moments: Sequence[Moment], words: Sequence[str]) -> list[tuple[float, str]]:
    """Return the newest things that were put in words, and at which steps."""
    found, before = [], ""
    for moment, text in zip(moments, words):
        if new := [part for part in text.split("; ") if part and part not in before.split("; ")]:
            found.append((float(moment.now), new[-1]))
        before = text
    return found[-_NEWS:]


def _said(axes: Any, news: Sequence[tuple[float, str]]) -> None:
    """Write each below the one before, from its step on, or up to it where there is more room to the left."""
    left, right = axes.get_xlim()
    for line, (now, text) in enumerate(news):
        early = now < (left + right) / 2
        axes.plot([now], [-line], marker="|", color="0.3", markersize=8)
        axes.annotate(
            text,
            (now, -line),
            xytext=(4 if early else -4, 0),
            textcoords="offset points",
            ha="left" if early else "right",
            va="center",
            fontsize=8,
            parse_math=False,
        )
    axes.set(ylim=(0.6 - len(news), 0.6), yticks=[], ylabel="in\nwords")
    axes.tick_params(labelbottom=False, bottom=False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _film(figure: Any, place: Any, moments: Sequence[Moment], frames: Sequence[Any], kept: Sequence[int]) -> None:
    last = moments[-1]
    now = np.array([moment.now for moment in moments])
    cells = place.subgridspec(1, max(_THUMBNAILS, len(kept)), wspace=0.05)
    for column, index in enumerate(kept):
        axes = figure.add_subplot(cells[column])
        axes.imshow(frames[int(np.abs(now - last.times[index]).argmin())])
        writes = f" ({last.counts[index]})" if last.counts[index] > 1 else ""
        axes.set_title(f"{last.times[index]:g}{writes}", fontsize=8, pad=2)
        axes.set_xlabel(f"{100 * last.attention[index]:.0f} %", fontsize=8, labelpad=2)
        axes.set(xticks=[], yticks=[])
        if not column:
            axes.set_ylabel("step (writes)", fontsize=8)


def _lines(figure: Any, axes: Any, moments: Sequence[Moment], name: str) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LogNorm

    now = np.array([moment.now for moment in moments])
    until = np.append(now[1:], now[-1] + (now[-1] - now[-2] if len(now) > 1 else 1.0))
    pairs = [(moment, begin, end) for moment, begin, end in zip(moments, now, until)]
    segments = [((begin, time), (end, time)) for moment, begin, end in pairs for time in moment.times]
    shares = np.concatenate([moment.attention * len(moment.attention) for moment in moments])
    counts = np.concatenate([moment.counts for moment in moments])
    lines = LineCollection(
        segments,
        array=np.clip(shares, 1 / _CONTRAST, _CONTRAST),
        cmap="viridis_r",
        norm=LogNorm(1 / _CONTRAST, _CONTRAST),
        linewidths=1.2 + 1.1 * np.log2(np.maximum(counts, 1)),
        capstyle="butt",
        antialiaseds=False,  # else seams show where a line goes on
    )
    axes.add_collection(lines)
    axes.plot([now[0], until[-1]], [now[0], until[-1]], color="0.75", linewidth=0.8, linestyle=":")
    axes.set(xlim=(now[0], until[-1]), ylim=(now[0] - 1, until[-1] + 1), ylabel=f"{name}\nwritten at step")
    axes.tick_params(labelbottom=False)
    axes.spines[["top", "right"]].set_visible(False)
    bar = figure.colorbar(lines, ax=axes, label="attention,\ntimes an equal share", pad=0.01, aspect=14)
    bar.set_ticks([1 / _CONTRAST, 1, _CONTRAST], labels=[f"1/{_CONTRAST:g}", "1", f"{_CONTRAST:g}"], minor=False)
    bar.minorticks_off()
