"""A run as one HTML file that opens anywhere: scores, then each episode with its plans, feedback and pictures."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from robomem.evaluate.embodied.record import Call, EpisodeRecord, Step
from robomem.evaluate.embodied.run import SuiteRun
from robomem.evaluate.embodied.summary import Score, errors_of, scores, visits
from robomem.evaluate.report import STYLE, bar, footer
from robomem.evaluate.statistics import Interval
from robomem.serialization import write_atomically

__all__ = ["write_report"]

_THOUGHTS = {
    "visual_state_description": "sees",
    "reasoning_and_reflection": "thinks",
    "language_plan": "plans",
}
_ENDINGS = {
    "success": "done",
    "steps": "out of steps",
    "invalid actions": "too many invalid actions",
    "empty plan": "gave up: empty plan",
}


def write_report(run: SuiteRun, path: Path) -> Path:
    """Write the report of a run, atomically; return ``path``."""
    failed = sum(not record.success for record in run.records)
    page = _TEMPLATE.substitute(
        style=STYLE,
        title=escape(run.title),
        lead=escape(_lead(run)),
        scores="".join(_score(name, score) for name, score in scores(run).items()),
        visits=_visits(run),
        errors=_errors(run),
        all=len(run.records),
        failed=failed,
        succeeded=len(run.records) - failed,
        episodes="".join(map(_episode, run.records)),
        footer=footer(run.settings.get("versions") or {}),
    )
    write_atomically(path, page.encode())
    return path


def _lead(run: SuiteRun) -> str:
    settings = run.settings
    said = [f"{len(run.records)} episodes", "held-out tasks" if settings.get("held_out") else ""]
    said.append(f"memory {settings['memory']}" if settings.get("memory") else "")
    observation = (settings.get("env_kwargs") or {}).get("observation")
    said += [f"observation {observation}" if observation else "", f"seed {settings.get('seed')}"]
    return " · ".join(filter(None, said))


def _score(name: str, score: Score) -> str:
    means = score.means
    cells = [
        f"{score.progress.value:.1%}",
        str(score.episodes),
        f"{means['planner_steps']:.1f}",
        f"{means['env_steps']:.1f}",
        f"{means['invalid_actions']:.2f}",
        f"{means['replans']:.2f}",
        f"{means['output_errors']:.2f}",
        f"{score.latency_s:.2g} s",
        f"{means['tokens_in'] + means['tokens_out']:.0f}",
        "–" if score.cost is None else f"${score.cost:.2f}",
    ]
    rest = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr><th>{escape(name)}</th><td>{bar(score.success)}</td><td>{_percent(score.success)}</td>{rest}</tr>"


def _percent(interval: Interval) -> str:
    return f"{interval.value:.1%} <small>{interval.low:.1%} to {interval.high:.1%}</small>"


def _visits(run: SuiteRun) -> str:
    rows = []
    for name, one in visits(run).items():
        for label, score in (("first visit", one.first), ("later visits", one.later)):
            title = f"{escape(name)}, {label}"
            number = f"<td>{_percent(score.success)}</td><td>{score.episodes}</td>"
            rows.append(f"<tr><th>{title}</th><td>{bar(score.success)}</td>{number}</tr>")
        change = one.difference
        told = f"{change.value:+.1%} <small>{change.low:+.1%} to {change.high:+.1%}</small>"
        rows.append(f"<tr><th>{escape(name)}, difference</th><td></td><td>{told}</td><td></td></tr>")
    if not rows:
        return ""
    head = "<tr><th></th><th>success, 95 % interval</th><th></th><th>episodes</th></tr>"
    return f'<h2>First and later visits</h2><div class="scroll"><table>{head}{"".join(rows)}</table></div>'


def _errors(run: SuiteRun) -> str:
    rows = "".join(f"<li><b>{count}</b> {escape(error[:300])}</li>" for error, count in errors_of(run.records).items())
    return f'<h2>Answers without a plan</h2><ul class="errors">{rows}</ul>' if rows else ""


def _episode(record: EpisodeRecord) -> str:
    verdict = "yes" if record.success else "no"
    calls = "".join(_call(number, call) for number, call in enumerate(record.calls, 1))
    start = f"<figure>{_picture(record.frame, 'start')}<figcaption>start</figcaption></figure>" if record.frame else ""
    facts = (
        f"{_ENDINGS.get(record.ended, record.ended)} · {record.env_steps} steps · {record.invalid_actions} invalid · "
        f"{len(record.calls)} planner calls · progress {record.progress:.0%}"
    )
    day = f" · day {record.day}" if record.day else ""
    return (
        f'<details class="episode {verdict}"><summary><i></i><b>{escape(record.instruction)}</b>'
        f"<small>{escape(record.task)} · {escape(record.world)}{day} · {escape(facts)}</small></summary>"
        f"{_where_it_failed(record)}{start}{calls}</details>"
    )


def _call(number: int, call: Call) -> str:
    thoughts = "".join(
        f"<dt>{said}</dt><dd>{escape(call.thoughts[name])}</dd>"
        for name, said in _THOUGHTS.items()
        if call.thoughts.get(name)
    )
    thoughts = f"<dl>{thoughts}</dl>" if thoughts else ""
    trouble = f'<p class="trouble">no plan: {escape(call.error)}</p>' if call.error else ""
    raw = f"<details><summary>answer</summary><pre>{escape(call.answer)}</pre></details>" if call.answer else ""
    steps = "".join(map(_step, call.steps))
    unused = len(call.planned) - len(call.steps)
    left = f"<p class=unused>{unused} planned actions were not executed</p>" if unused > 0 else ""
    tokens = f" · {call.tokens_in} + {call.tokens_out} tokens" if call.tokens_in or call.tokens_out else ""
    return (
        f'<section class="call"><h3>Plan {number}<small>{len(call.planned)} actions · {call.latency_s:.2g} s{tokens}'
        f"</small></h3>{trouble}{thoughts}<ol>{steps}</ol>{left}{raw}</section>"
    )


def _step(step: Step) -> str:
    name = step.name or str(step.action)
    picture = _picture(step.frame, name) if step.frame else ""
    verdict = "yes" if step.success else "no"
    progress = f"<meter min=0 max=1 value={step.progress:.3f} title='progress {step.progress:.0%}'></meter>"
    return (
        f'<li class="{verdict}">{picture}<div><code>{escape(str(step.action))}</code> <b>{escape(name)}</b> {progress}'
        f"<p>{escape(step.feedback)}</p></div></li>"
    )


def _where_it_failed(record: EpisodeRecord) -> str:
    if record.success:
        return ""
    steps = [step for call in record.calls for step in call.steps]
    refused = [step for step in steps if not step.success]
    last = (
        f" The last action refused was “{refused[-1].name or refused[-1].action}”: {refused[-1].feedback}"
        if refused
        else ""
    )
    best = max((step.progress for step in steps), default=0.0)
    lost = f" It had been at {best:.0%} before." if best > record.progress else ""
    told = f"Failed: {_ENDINGS.get(record.ended, record.ended)}, with {record.progress:.0%} of the goals.{lost}{last}"
    return f'<p class="trouble">{escape(told)}</p>'


def _picture(frame: str, text: str) -> str:
    return f'<img loading="lazy" alt="{escape(text)}" src="data:image/jpeg;base64,{escape(frame)}">'


_TEMPLATE = Template((Path(__file__).parent / "report.html").read_text(encoding="utf-8"))
