"""Evaluations as Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from robomem.evaluate.evaluation import Evaluation, paired
from robomem.evaluate.statistics import bootstrap_difference

__all__ = ["comparison", "markdown", "table"]


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; every column but the first is aligned to the right."""
    rule = ["---"] + ["---:"] * (len(header) - 1)
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in [header, rule, *rows])


def markdown(evaluation: Evaluation) -> str:
    """Return one evaluation as a page: the result, the settings, every episode."""
    result = [["success rate", evaluation.success.show(".3f")]] if evaluation.success else []
    if evaluation.chance is not None:
        result.append(["guessing", f"{evaluation.chance:.3f}"])
    result += [
        ["return", evaluation.mean_return.show()],
        ["length (steps)", evaluation.mean_length.show(".1f")],
        ["episodes", str(len(evaluation.rows))],
        ["diverged", str(evaluation.diverged)],
    ]
    settings: list[list[object]] = [
        ["policy", f"`{evaluation.policy}`"],
        ["environment", f"`{evaluation.env}`"],
        ["arguments", f"`{json.dumps(evaluation.env_kwargs)}`"],
        ["seed", evaluation.seed],
        ["deterministic", evaluation.deterministic],
        ["at once", evaluation.num_envs],
        ["seconds", evaluation.seconds],
    ]
    settings += [[name, number] for name, number in evaluation.versions.items()]
    episodes = [
        [row.seed, _mark(row.success), f"{row.return_:.3f}", row.length, _ending(vars(row))] for row in evaluation.rows
    ]
    return (
        f"# {evaluation.policy} in {evaluation.env}\n\n{table(['', '95 % interval'], result)}\n"
        "Success: Wilson interval. Return and length: bootstrap interval of the mean.\n\n"
        f"## Settings\n\n{table(['setting', 'value'], settings)}\n"
        f"## Episodes\n\n{table(['seed', 'success', 'return', 'length', 'ended by'], episodes)}"
    )


def comparison(evaluations: Mapping[str, Evaluation], *, against: str | None = None) -> str:
    """Return a Markdown table of several evaluations.

    Args:
        evaluations: by the name of their row.
        against: a name; adds a column with the difference to it (success where there is one, else return), paired
            over the episodes that both played.

    Raises:
        ConfigError: the differences are between different environments.
    """
    header = ["", "success", "return", "length", "episodes"] + ([f"minus {against}"] if against else [])
    rows = []
    for name, evaluation in evaluations.items():
        success = evaluation.success.show(".3f") if evaluation.success else "n/a"
        row = [name, success, evaluation.mean_return.show(), f"{evaluation.mean_length.value:.1f}"]
        row.append(str(len(evaluation.rows)))
        if against:
            row.append("" if name == against else _difference(evaluation, evaluations[against]))
        rows.append(row)
    return table(header, rows)


def _difference(ours: Evaluation, theirs: Evaluation) -> str:
    pairs = paired(ours, theirs)
    if not pairs:
        return "no shared episodes"
    judged = all(a.success is not None and b.success is not None for a, b in pairs)
    a = [float(row.success or 0) if judged else row.return_ for row, _ in pairs]
    b = [float(row.success or 0) if judged else row.return_ for _, row in pairs]
    return bootstrap_difference(a, b).show("+.3f")


def _mark(success: bool | None) -> str:
    return "n/a" if success is None else ("yes" if success else "no")


def _ending(row: Mapping[str, Any]) -> str:
    return "divergence" if row["diverged"] else ("the task" if row["terminated"] else "the time limit")
