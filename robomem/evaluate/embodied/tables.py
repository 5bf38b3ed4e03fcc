"""A run, and the comparison of two, as Markdown."""

from __future__ import annotations

import json

from robomem.evaluate.embodied.compare import Comparison
from robomem.evaluate.embodied.run import SuiteRun
from robomem.evaluate.embodied.summary import Score, errors_of, scores, visits
from robomem.evaluate.tables import table

__all__ = ["comparison_markdown", "run_markdown", "score_header", "score_row"]


def score_header() -> list[str]:
    """Return the columns of ``score_row``."""
    return [
        "subset",
        "success",
        "progress",
        "episodes",
        "planner steps",
        "env steps",
        "invalid",
        "invalid ratio",
        "re-plans",
        "output errors",
        "empty plans",
        "s/call",
        "tokens in",
        "tokens out",
        "cost $",
    ]


def score_row(name: str, score: Score) -> list[str]:
    """Return the cells of one score."""
    means = score.means
    return [
        name,
        score.success.show(".3f"),
        score.progress.show(".3f"),
        str(score.episodes),
        f"{means['planner_steps']:.1f}",
        f"{means['env_steps']:.1f}",
        f"{means['invalid_actions']:.2f}",
        f"{means['invalid_ratio']:.3f}",
        f"{means['replans']:.2f}",
        f"{means['output_errors']:.2f}",
        f"{means['empty_plans']:.2f}",
        f"{score.latency_s:.2g}",
        f"{means['tokens_in']:.0f}",
        f"{means['tokens_out']:.0f}",
        "n/a" if score.cost is None else f"{score.cost:.4f}",
    ]


def run_markdown(run: SuiteRun) -> str:
    """Return a run as a page: scores, visits, what answers could not be read, settings, every episode."""
    parts = [
        f"# {run.title}\n\n{table(score_header(), [score_row(*entry) for entry in scores(run).items()])}\n"
        "Success: share of episodes, with its 95 % Wilson interval. Progress: share of the goals that held at the end, "
        "with its bootstrap interval. The rest are means over episodes; the cost is a sum.\n"
    ]
    found = visits(run)
    if found:
        rows = [
            [name, one.first.success.show(".3f"), one.later.success.show(".3f"), one.difference.show("+.3f")]
            for name, one in found.items()
        ]
        header = ["subset", "first visit", "later visits", "difference"]
        parts.append(f"## First and later visits\n\n{table(header, rows)}")
    errors = errors_of(run.records)
    if errors:
        rows = [[_cell(error), str(count)] for error, count in errors.items()]
        parts.append(f"## Answers without a plan\n\n{table(['why', 'answers'], rows)}")
    settings = [[name, f"`{json.dumps(value)}`"] for name, value in run.settings.items()]
    parts.append(f"## Settings\n\n{table(['setting', 'value'], settings)}")
    episodes = [
        [record.task, record.day, "yes" if record.success else "no", f"{record.progress:.2f}", record.ended,
         record.env_steps, record.invalid_actions, len(record.calls)]
        for record in run.records
    ]  # fmt: skip
    header = ["task", "day", "success", "progress", "ended by", "env steps", "invalid", "planner steps"]
    parts.append(f"## Episodes\n\n{table(header, episodes)}")
    return "\n".join(parts)


def comparison_markdown(comparison: Comparison) -> str:
    """Return a comparison as a page."""
    rows = [
        [
            name,
            part.episodes,
            f"{part.ours:.3f}",
            f"{part.theirs:.3f}",
            part.success.show("+.3f"),
            part.progress.show("+.3f"),
            part.only_ours,
            part.only_theirs,
        ]
        for name, part in comparison.parts.items()
    ]
    header = ["subset", "episodes", "A", "B", "A - B, success", "A - B, progress", "A alone", "B alone"]
    return (
        f"# A: {comparison.ours}; B: {comparison.theirs}\n\n{table(header, rows)}\n"
        "The same episodes, paired. Success: Newcombe's 95 % interval for paired rates; progress: bootstrap interval "
        "of the mean difference. Alone: episodes in which one succeeded and the other did not.\n"
    )


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())[:200]
