"""A report: one HTML file that holds its curves, films and numbers, and opens anywhere, also without a network."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from robomem.errors import CheckpointError
from robomem.evaluate.chart import Line, svg
from robomem.evaluate.evaluation import Evaluation, versions
from robomem.evaluate.statistics import Interval
from robomem.serialization import write_atomically

__all__ = ["STYLE", "Entry", "bar", "footer", "write_report"]


@dataclass(frozen=True)
class Entry:
    """One thing that a report shows: usually a trained policy, or an agent to compare with.

    Attributes:
        title: its name.
        text: a sentence or two about it.
        evaluation: its numbers.
        films: mp4 files, embedded.
        settings: what it was made with, e.g. the resolved training configuration.
    """

    title: str
    text: str = ""
    evaluation: Evaluation | None = None
    films: Sequence[Path] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def write_report(
    path: Path | str,
    title: str,
    entries: Sequence[Entry],
    *,
    text: str = "",
    lines: Sequence[Line] = (),
    y_label: str = "success",
) -> Path:
    """Write a report, atomically.

    Args:
        path: of the HTML file.
        title: its heading.
        entries: what it shows, best first.
        text: what it is about.
        lines: learning curves, drawn in one chart (see ``robomem.evaluate.chart.group``).
        y_label: what the curves show.

    Returns:
        ``path``.

    Raises:
        CheckpointError: a film does not exist.
        StorageError: the file cannot be written.
    """
    limits = (0.0, 1.0) if y_label == "success" else None
    page = _TEMPLATE.substitute(
        style=STYLE,
        title=escape(title),
        text=f"<p class=lead>{escape(text)}</p>" if text else "",
        results=_results([entry for entry in entries if entry.evaluation is not None]),
        chart=f"<h2>Learning</h2>{svg(lines, y_label=y_label, limits=limits)}" if lines else "",
        entries="".join(map(_entry, entries)),
        footer=footer(versions()),
    )
    write_atomically(path, page.encode())
    return Path(path)


def footer(versions: Mapping[str, str]) -> str:
    """Return when a report was written, and with what."""
    now = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC"
    return escape(" · ".join([now, *(f"{name} {number}" for name, number in versions.items())]))


def bar(success: Interval, chance: float | None = None) -> str:
    """Return a success rate and its interval as a bar."""
    guess = "" if chance is None else f'<u style="left:{chance:.1%}" title="guessing: {chance:.3f}"></u>'
    return (
        f'<div class="bar"><b style="width:{success.value:.1%}"></b>'
        f'<i style="left:{success.low:.1%};width:{success.high - success.low:.1%}"></i>{guess}</div>'
    )


def _results(entries: Sequence[Entry]) -> str:
    if not entries:
        return ""
    rows = "".join(_result(entry.title, entry.evaluation) for entry in entries if entry.evaluation)
    head = "<tr><th></th><th>success, 95 % interval</th><th></th><th>return</th><th>steps</th><th>episodes</th></tr>"
    guessing = any(entry.evaluation and entry.evaluation.chance is not None for entry in entries)
    key = '<p class="key"><u></u>guessing</p>' if guessing else ""
    return f'<h2>Results</h2><div class="scroll"><table>{head}{rows}</table></div>{key}'


def _result(title: str, evaluation: Evaluation) -> str:
    success, drawn, number = evaluation.success, "", "n/a"
    if success is not None:
        drawn = bar(success, evaluation.chance)
        number = f"{success.value:.1%} <small>{success.low:.1%} to {success.high:.1%}</small>"
    return (
        f"<tr><th>{escape(title)}</th><td>{drawn}</td><td>{number}</td><td>{evaluation.mean_return.value:.2f}</td>"
        f"<td>{evaluation.mean_length.value:.1f}</td><td>{len(evaluation.rows)}</td></tr>"
    )


def _entry(entry: Entry) -> str:
    films = "".join(map(_film, entry.films))
    text = f"<p>{escape(entry.text)}</p>" if entry.text else ""
    settings: dict[str, Any] = dict(entry.settings)
    if entry.evaluation is not None:
        kept = ("env", "env_kwargs", "seed", "deterministic", "num_envs", "seconds")
        settings["evaluation"] = {name: getattr(entry.evaluation, name) for name in kept}
    content = escape(json.dumps(settings, indent=2, default=str))
    details = f"<details><summary>Settings</summary><pre>{content}</pre></details>" if settings else ""
    return f"<article><h3>{escape(entry.title)}</h3>{text}{films}{details}</article>"


def _film(path: Path) -> str:
    try:
        content = base64.b64encode(Path(path).read_bytes()).decode()
    except OSError as error:
        raise CheckpointError(f"The film {path} cannot be read: {error.strerror}.") from error
    source = f"data:video/mp4;base64,{content}"
    return f'<video controls muted loop autoplay playsinline preload="metadata" src="{source}"></video>'


STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
"""The style sheet of every report."""
_TEMPLATE = Template((Path(__file__).parent / "report.html").read_text(encoding="utf-8"))
