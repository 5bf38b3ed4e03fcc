"""The page of the study of memory_vla: tables of success with intervals, and what they are of."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from memory_vla_grid import EPISODES, SWAPS, TASKS, Task, names_of

from robomem.evaluate import wilson
from robomem.evaluate.tables import table

__all__ = ["Found", "page"]


@dataclass(frozen=True)
class Found:
    """What a finished run came to, as it stands in the JSON twin.

    Attributes:
        task, name, seed: of the run.
        steps: updates of the weights.
        seconds: wall-clock of the training, evaluations during it included.
        device: where it was trained.
        chance: success of guessing; None where nothing need be remembered.
        success: of the LAST policy by variant, [successes, episodes].
        best: success of the best policy in the evaluations during training, on other episodes, which chose it.
        commit: of the code that trained it.
    """

    task: str
    name: str
    seed: int
    steps: int
    seconds: float
    device: str
    chance: float | None
    success: dict[str, list[int]]
    best: float | None
    commit: str


HEAD = """# MemoryVLA: the same policy with a bank, without memory, and with its peers

Success on {episodes} held-out episodes a seed of the **last** policy, with Wilson 95 % intervals over the episodes of
all seeds (they tell the noise of the episodes, not that of the seeds, which stand beside them). From pixels (64 x 64)
and proprioception; {demonstrations} demonstrations of the scripted expert a task, or what its heading says, at pauses
of 10, 15, 20 and 25 steps; equal data, steps and networks in a table. The preset `cpu`, trained from scratch: toy
scale, no claim about LIBERO or SimplerEnv. *delay80* is a pause of 80 steps, never trained on. *best* is the best
evaluation during training (20 to 40 other episodes), which a paper that reports its best checkpoint would report.
Beside the closed loop stands the decision: *decided* is the share of right touches among the first ones, episodes
without any left out; *choice* where take-it-back's cube was at the end: over the disc where it had stood, put down
there or not (48 other episodes a seed).

**Where something remembered stands** (object-permanence, remember-color) is a product of what memory and picture say.
All rows of these tasks learn from groups that have frames of every cue and decision, as the data annotate them
(privileged, in training alone), and with a regression that has an attention of its own (`regression_heads=4`, the
preset); *recall* adds a loss that names what is to be remembered (privileged likewise). From groups of any frames and
without that attention, the first form of this study, remember-color3 came to 0.33 with the bank (one seed), 0.31
without memory and 0.51 [0.44, 0.58] with recall (three seeds), and object-permanence to 0.21 [0.16, 0.27] (three
seeds): guessing, or little more. From 400 demonstrations of object-permanence, with the groups, that attention and
recall, the policy learnt by heart which box it was (recall loss 0.06; the loss on held-out demonstrations rose from
0.23 to 0.42) and was right in 7 of 40 episodes. 1,600 were not learnt by heart, nor in 3,500 updates: three things in
four boxes were named better and better to the end (recall loss 0.95 after 450 updates, 0.57 after 3,500), and half of
the episodes end without a touch. All rows of shell-game are of the regression without that attention.
**remember-color5 and 9** have tokens of 8 pixels: in those of 16, two or three cubes share one. 1,600 demonstrations:
400 were learnt by heart (14 of 64 episodes, seed 0, guessing 0.20). With them and tokens of 16 pixels, recall named
the colour after 2,000 updates, and 15 of 64 episodes were right after 3,500; with tokens of 8 and the recall loss
weighing 0.1, nothing was named in 1,400. The loss weighs 1 since: five colours were named after 350 updates, and
remember-color3 stays where it was (0.86 with 0.1, one seed).

The actions of **take-it-back**, of the button tasks and of the controls say how far each joint goes
(`control=joint_delta`). Where they said where to (`joint_position`, as in the other tasks), an error as large as the
expert's step made the arm come to rest: above take-it-back's disc, so that no cube was put down in 192 episodes of
three seeds, or beside the button: of 64 episodes of button-count with the symbolic memory (noise 0.1, 2,000 updates,
one seed) 26 were right, 24 miscounted and 14 ran out of time. Take-it-back and the controls have 1,600 demonstrations,
since take-it-back and reach learnt 400 by heart: with them take-it-back was right in 27 of 64 episodes after 2,000
updates from groups of any frames and in 16 of 40 after 4,000 from those with every cue, reach in 20 of 64 after 1,200
(seed 0 each). Told how far, object-permanence and the colours came to nothing (1,600 demonstrations with noise 0.3,
tokens of 8 pixels, 3,000 updates, seed 0): 1 to 15 of 64 episodes had a touch at all, with the bank, with recall and
without memory alike, and in the mean the hand ended two to four times as far from the place as it began. Their
demonstrations reach the place in four to ten steps and end there, so none shows what follows a miss: told where to, an
arm that errs rests; told how far, it goes on (our reading, not tested). The ball of **reach** hangs at any height and
is three pixels wide: how far away it is, one camera hardly tells.

On **shell-game** memory is needed, and which one matters little: a GRU, one stream alone, the bank without time
encoding, with addition in place of the gate, or with no gradient into past entries is as good as the whole (one seed
each). Four stacked frames guess, as the cue is out of their reach. A new **palette** undoes what was learnt, and a
camera shifted by 2 cm costs a fifth; *looks*, trained on pictures turned in colour and moved by up to 2 pixels, gets
half of the one and nearly all of the other back (one seed).
"""

CUDA = """
Runs of `cuda` were trained on one H200 with torch 2.11 by throw-away scripts that went through this study's own grid;
weights were rounded to float16 on the way here, where they were evaluated on the CPU. The machine was lent twice, for a
quarter of an hour each: first fourteen runs at a time, of demonstrations recorded there; then sixteen, under
`nvidia-cuda-mps-control -d`, of demonstrations recorded here. Those without a *best* are of the second time and were
not evaluated during training.
"""


def pooled(results: Sequence[Found], variant: str) -> str:
    """Return the success of several seeds together with its interval."""
    counts = [one.success[variant] for one in results if variant in one.success]
    if not counts:
        return "–"
    hits, episodes = np.sum(counts, axis=0)
    interval = wilson(int(hits), int(episodes))
    return f"{interval.value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def per_seed(results: Sequence[Found], variant: str) -> str:
    """Return the success of each seed."""
    return " ".join(
        f"{one.success[variant][0] / one.success[variant][1]:.2f}" for one in results if variant in one.success
    )


def page(results: Sequence[Found], episodes: int) -> str:
    """Return the page."""
    decisions = ("choice", "decided")
    played = {count for one in results for name, (_, count) in one.success.items() if not name.startswith(decisions)}
    counts = " to ".join(map(str, sorted({min(played), max(played)} if played else {episodes})))
    parts = [HEAD.format(episodes=counts, demonstrations=EPISODES)]
    for task, about in TASKS.items():
        found = [one for one in results if one.task == task]
        if not found:
            parts.append(f"\n## {task}\n\nNot trained yet.\n")
            continue
        chance = found[0].chance
        guess = f"; guessing: {chance:.2f}" if chance is not None else "; nothing need be remembered"
        parts.append(f"\n## {task} ({about.kind}{guess}{_own(about)})\n\n{_rows(found, names_of(task))}")
        if swaps := _swaps(found):
            parts.append(f"\nThe trained bank with other settings at test time:\n\n{swaps}")
    parts.append(_footer(results))
    return "".join(parts)


def _own(about: Task) -> str:
    """Return what a task's rows have other than those of other tasks."""
    data = f"; {about.episodes:,} demonstrations" if about.episodes != EPISODES else ""
    return data + (f"; {about.steps:,} updates" if about.steps else "")


def _rows(found: Sequence[Found], names: Sequence[str]) -> str:
    rows = []
    possible = ("trained", "delay80", "decided", "decided-delay80", "choice", "choice-delay80")
    variants = [name for name in possible if any(name in one.success for one in found)]
    for name in names:
        if runs := [one for one in found if one.name == name]:
            best = " ".join("–" if one.best is None else f"{one.best:.2f}" for one in runs)
            minutes = f"{np.mean([one.seconds for one in runs]) / 60:.1f}"
            shown = [text for variant in variants for text in (pooled(runs, variant), per_seed(runs, variant))]
            rows.append([name, len(runs), *shown, best, minutes])
    header = [text for variant in variants for text in ("success" if variant == "trained" else variant, "by seed")]
    return table(["memory", "seeds", *header, "best", "minutes"], rows) + "\n"


def _swaps(found: Sequence[Found]) -> str:
    rows = []
    for swap in SWAPS:
        for name in swap.names or ():
            runs = [one for one in found if one.name == name and swap.name in one.success]
            if runs:
                rows.append([name, swap.name, len(runs), pooled(runs, swap.name), per_seed(runs, swap.name)])
    return table(["memory", "change", "seeds", "success", "by seed"], rows) + "\n" if rows else ""


def _footer(results: Sequence[Found]) -> str:
    devices = ", ".join(sorted({one.device for one in results})) or "none"
    commits = ", ".join(sorted({one.commit[:7] for one in results}))
    return (
        "\n## How it was made\n\n"
        "`.venv/bin/python scripts/results/memory_vla.py --jobs 2` (resumable; runs in the JSON twin are not trained "
        f"again). Trained on: {devices}. {platform.machine()}, Python {platform.python_version()}, commits "
        f"{commits or 'none'}. A demonstration's actions are recorded while the arm is held before the go signal too: "
        "the expert then says where it would go, so that every frame after the cue asks the memory.\n"
        + (CUDA if "cuda" in devices else "")
    )
