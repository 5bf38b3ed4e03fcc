"""Learning curves as inline SVG that follows the page's colours, and as PNG for papers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError
from robomem.serialization import temporary_sibling

__all__ = ["COLOURS", "Line", "group", "png", "svg"]

# Okabe and Ito's palette, legible to colour-blind readers, without its yellow and black.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#777777")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 330, 52, 24, 30, 40


@dataclass(frozen=True)
class Line:
    """One curve: the mean over runs and the band around it.

    Attributes:
        label: for the legend.
        x: [N] steps.
        y, low, high: [N] the mean and the band: the range over runs or, for a single run, its own interval.
        runs: [R, N] each run.
    """

    label: str
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    runs: npt.NDArray[np.float64]


def group(label: str, curves: Sequence[Sequence[Mapping[str, Any]]], key: str = "success") -> Line:
    """Average runs that differ in their seed, on the steps of all of them within what the shortest run reached.

    Args:
        label: for the legend; the number of runs is added.
        curves: what ``read_curve`` returned for each run.
        key: which number.

    Raises:
        ConfigError: a run never measured ``key``.
    """
    points = [[entry for entry in curve if entry.get(key) is not None] for curve in curves]
    if not points or not all(points):
        present = sorted({name for curve in curves for entry in curve for name in entry})
        raise ConfigError(f"A run of {label!r} has no {key!r}; its evaluations have {', '.join(present) or 'nothing'}.")
    xs = [np.array([entry["step"] for entry in curve], np.float64) for curve in points]
    x = np.unique(np.concatenate(xs))
    x = x[x <= min(steps[-1] for steps in xs)]

    def on_grid(name: str) -> npt.NDArray[np.float64]:
        values = ([entry.get(name, entry[key]) for entry in curve] for curve in points)
        return np.stack([np.interp(x, steps, np.array(curve, np.float64)) for steps, curve in zip(xs, values)])

    runs = on_grid(key)
    low, high = (on_grid(f"{key}_low"), on_grid(f"{key}_high")) if len(runs) == 1 else (runs, runs)
    name = label if len(runs) == 1 else f"{label} ({len(runs)} seeds)"
    return Line(name, x, runs.mean(0), low.min(0), high.max(0), runs)


def svg(lines: Sequence[Line], *, y_label: str = "success", limits: tuple[float, float] | None = (0.0, 1.0)) -> str:
    """Return a chart as an SVG element. Text and axes take ``currentColor``, so it suits light and dark pages.

    Args:
        lines: the curves.
        y_label: what the vertical axis shows.
        limits: of the vertical axis; None fits them to the data.
    """
    right = max((line.x[-1] for line in lines), default=1.0) or 1.0
    bottom, top = limits or _fit(lines)

    def px(x: float) -> float:
        return _LEFT + x / right * (_WIDTH - _LEFT - _RIGHT)

    def py(y: float) -> float:
        return _HEIGHT - _BOTTOM - (y - bottom) / (top - bottom) * (_HEIGHT - _TOP - _BOTTOM)

    def path(xs: Sequence[float] | npt.NDArray[Any], ys: Sequence[float] | npt.NDArray[Any]) -> str:
        return " ".join(f"{px(float(x)):.1f},{py(float(y)):.1f}" for x, y in zip(xs, ys))

    parts = []
    for tick in _ticks(bottom, top):
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{py(tick):.1f}" y2="{py(tick):.1f}" class="grid"/>'
        )
        parts.append(f'<text x="{_LEFT - 8}" y="{py(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in _ticks(0, right):
        parts.append(f'<text x="{px(tick):.1f}" y="{_HEIGHT - 20}" text-anchor="middle">{_short(tick)}</text>')
    parts.append(f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 4}" text-anchor="end">environment steps</text>')
    parts.append(f'<text x="{_LEFT}" y="14">{escape(y_label)}</text>')
    for index, line in enumerate(lines):
        colour = COLOURS[index % len(COLOURS)]
        band = f"{path(line.x, line.high)} {path(line.x[::-1], line.low[::-1])}"
        parts.append(f'<polygon points="{band}" fill="{colour}" opacity="0.16"/>')
        parts.append(
            f'<polyline points="{path(line.x, line.y)}" fill="none" stroke="{colour}" stroke-width="2.2" '
            f'stroke-linejoin="round"><title>{escape(line.label)}</title></polyline>'
        )
    legend = "".join(
        f'<span><i style="background:{COLOURS[index % len(COLOURS)]}"></i>{escape(line.label)}</span>'
        for index, line in enumerate(lines)
    )
    return (
        f'<figure class="chart"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">{"".join(parts)}</svg>'
        f"<figcaption>{legend}</figcaption></figure>"
    )


def png(lines: Sequence[Line], path: Path | str, *, title: str = "", y_label: str = "success") -> None:
    """Draw a chart into a PNG with matplotlib, atomically: thin lines are runs, thick ones means, bands ranges."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for index, line in enumerate(lines):
        colour = COLOURS[index % len(COLOURS)]
        axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.15, linewidth=0)
        if len(line.runs) > 1:
            axes.plot(line.x, line.runs.T, color=colour, alpha=0.35, linewidth=0.8)
        axes.plot(line.x, line.y, color=colour, linewidth=2, label=line.label)
    if y_label == "success":
        axes.set_ylim(-0.02, 1.02)
    axes.set(xlabel="environment steps", ylabel=y_label, title=title)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if lines:
        axes.legend(frameon=False)
    with temporary_sibling(path) as partial:
        figure.savefig(partial, dpi=140)


def _fit(lines: Sequence[Line]) -> tuple[float, float]:
    low = min((float(line.low.min()) for line in lines), default=0.0)
    high = max((float(line.high.max()) for line in lines), default=1.0)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def _ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return round numbers in [low, high], about ``count`` of them."""
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    return [
        round(index * step, 10) for index in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    ]


def _short(number: float) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:g}{unit}"
    return f"{number:g}"
