"""What the study of memory_vla trains and evaluates: tasks, memories, and what is changed at test time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from robomem.data.imitation.looks import Looks
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.presets import cpu
from robomem.train.sweep import Cell

__all__ = ["EPISODES", "SWAPS", "TASKS", "Task", "Variant", "grid", "names_of", "recordings"]

EPISODES = 400
DELAYS = (10, 15, 20, 25)
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Variant:
    """What an evaluation changes.

    Attributes:
        name: of it.
        env_kwargs: arguments of the environment.
        policy: fields of the policy that no weight depends on.
        names: of the memories that are evaluated so; None for all.
    """

    name: str
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] | None = None


def bank(**fields: Any) -> dict[str, Any]:
    """Return what gives a trained policy another bank."""
    return {"memory_kwargs": fields}


TRAINED = Variant("trained", {"delay": 20})
LATER = (Variant("delay80", {"delay": 80}),)
CONTROL = (Variant("trained"),)
FULL = ("bank",)
SWAPS = (
    Variant("execute1", {"delay": 20}, {"execute": 1}, ("bank", "none")),
    Variant("L1", {"delay": 20}, bank(length=1), FULL),
    Variant("L4", {"delay": 20}, bank(length=4), FULL),
    Variant("L4-fifo", {"delay": 20}, bank(length=4, consolidate="fifo"), FULL),
    Variant("L64", {"delay": 20}, bank(length=64), FULL),
    Variant("fifo", {"delay": 20}, bank(consolidate="fifo"), FULL),
    Variant("fifo-delay80", {"delay": 80}, bank(consolidate="fifo"), FULL),
    Variant("L4-delay80", {"delay": 80}, bank(length=4), FULL),
    Variant("camera", {"delay": 20, "camera_shift": 0.02}, {}, ("bank", "none", "looks")),
    Variant("palette", {"delay": 20, "palette": "new"}, {}, ("bank", "none", "looks")),
)


@dataclass(frozen=True)
class Task:
    """A task of the study.

    Attributes:
        text: what is to be done.
        kind: spatial, relational, counting, control, or external: a control of somebody else's (`make bench-env`).
        noise: with which it is recorded.
        episodes: that are recorded.
        variants: of the evaluations.
        policy: fields of the policy that differ from the preset's.
        encoder: fields of its encoder that do.
        loading: fields of the loader that do.
        steps: updates of the weights, where they are not as many as the preset's.
        env: arguments of the environment.
    """

    text: str
    kind: str
    noise: float = 0.1
    episodes: int = EPISODES
    variants: tuple[Variant, ...] = (TRAINED, *LATER)
    policy: dict[str, Any] = field(default_factory=dict)
    encoder: dict[str, Any] = field(default_factory=dict)
    loading: dict[str, Any] = field(default_factory=dict)
    steps: int | None = None
    env: dict[str, Any] = field(default_factory=dict)

    @property
    def delays(self) -> tuple[int, ...]:
        """Pauses of the demonstrations; a control has none."""
        return () if self.kind in ("control", "external") else DELAYS


# An action says where a joint goes next, or how far. A policy that errs by as much as the expert moves in a step comes
# to rest short of where it should; told how far, it goes on. Told where, no cube of TakeItBack was ever put down.
FINE = {"control": "joint_delta"}
# Of 400 demonstrations reach learnt by heart where the ball was: loss 0.11 on them, 0.23 on others, 20 of 64 successes.
ANYWHERE: dict[str, Any] = {"kind": "control", "noise": 0.3, "episodes": 1600, "variants": CONTROL, "env": FINE}
# Each picture costs ten times what ours do, and so fewer demonstrations.
META_WORLD: dict[str, Any] = {
    "kind": "external",
    "noise": 0.2,
    "episodes": 100,
    "variants": CONTROL,
    "env": {"terminate_on_success": True},
}

# Runs of the first session, to which others of the table are equal; the regression had no attention then.
FIRST = {"regression_heads": 0}
# ButtonCount with the symbolic memory was no better after 2,000 updates than after 1,000 (20 and 21 of 40 episodes).
BRIEF = 1200
# Groups have frames of every cue and decision, as the data annotate them (privileged); the frames of others are any.
EVENTS = {"sampler": "event", "frames": (8, 20)}
# From 400 demonstrations the places of five colours, of things in boxes and of take-it-back were learnt by heart.
MORE: dict[str, Any] = {"loading": EVENTS, "episodes": 1600, "steps": 3500}
# A token of 16 pixels holds parts of two of five cubes, of three of nine: the colour was named, its place not found.
FINER: dict[str, Any] = {**MORE, "encoder": {"patch": 8}, "steps": 3000}
COLOR = "touch the cube of the colour that was shown"

TASKS = {
    "shell-game": Task(
        "touch the cup that hides the cube", "spatial", variants=(TRAINED, *LATER, *SWAPS), policy=FIRST
    ),
    "object-permanence": Task("touch the box of the thing asked for", "relational", **MORE),
    "take-it-back": Task(
        "take the cube back to where it stood", "spatial", noise=0.3, env=FINE, **{**MORE, "steps": 4000}
    ),
    "remember-color3": Task(COLOR, "relational", loading=EVENTS),
    "remember-color5": Task(COLOR, "relational", **FINER),
    "remember-color9": Task(COLOR, "relational", **FINER),
    "button-sequence3": Task(
        "press the buttons in the order in which they lit up", "counting", noise=0.3, env=FINE, steps=BRIEF
    ),
    "button-count": Task(
        "press the button as often as the lamp flashed, then touch the pad",
        "counting",
        noise=0.3,
        env=FINE,
        steps=BRIEF,
    ),
    "reach": Task("touch the ball", **ANYWHERE),
    "push": Task("push the cube onto the disc", **ANYWHERE),
    "pick-place": Task("put the cube onto the disc", **ANYWHERE),
    "metaworld/button-press-topdown-v3": Task("press the button", **META_WORLD),
    "metaworld/door-open-v3": Task("open the door", **META_WORLD),
}

NAMES: dict[str, dict[str, Any]] = {
    "bank": {"memory": "bank"},
    "none": {"memory": "none", "memory_kwargs": {}},
    "cognitive": {"memory_kwargs": {"streams": ["cognitive"]}},
    "perceptual": {"memory_kwargs": {"streams": ["perceptual"]}},
    "stack": {"memory": "stack", "memory_kwargs": {"frames": 4}},
    "gru": {"memory": "gru", "memory_kwargs": {}},
    "no-time": {"memory_kwargs": {"time": "none"}},
    "add": {"memory_kwargs": {"fusion": "add"}},
    "detach": {"memory_kwargs": {"backprop": "detach"}},
    "recall": {"recall_weight": 1.0},
    "looks": {},
    "symbolic": {"symbolic": True},
    "symbolic-only": {"symbolic": True, "memory": "none", "memory_kwargs": {}},
    "oracle": {"memory": "none", "memory_kwargs": {}},
}
"""Fields of the policy beside the preset's, by memory; memory_kwargs are added to the bank's."""
SPATIAL = ("bank", "none", "cognitive", "perceptual", "stack", "gru", "no-time", "add", "detach", "oracle")
RELATIONAL = ("bank", "none", "recall", "oracle")
# Pictures turned in colour and moved: what plain ones teach does not reach a new palette, nor quite a moved camera.
LOOKS = Looks(shift=2, brightness=0.2, contrast=0.2, saturation=0.5, hue=0.5)
FURTHER = {"shell-game": ("looks",)}
OF_KIND = {
    "spatial": SPATIAL,
    "relational": RELATIONAL,
    "counting": ("bank", "none", "symbolic", "symbolic-only", "oracle"),
    "control": ("bank", "none"),
    "external": ("bank", "none"),
}


def recordings(root: Path, task: str, name: str = "bank") -> list[tuple[dict[str, Any], Path, int]]:
    """Return the arguments of the environment, the folder and the episodes of each data set that a run learns from."""
    told = {**TASKS[task].env, **({"oracle": True} if name == "oracle" else {})}
    word = folder_of(f"{task}-oracle" if name == "oracle" else task)
    delays, count = TASKS[task].delays, TASKS[task].episodes
    if not delays:
        return [(told, root / "data" / word, count)]
    return [({"delay": delay, **told}, root / "data" / f"{word}-d{delay}", count // len(delays)) for delay in delays]


def names_of(task: str) -> tuple[str, ...]:
    """Return the memories that are compared on a task."""
    return (*OF_KIND[TASKS[task].kind], *FURTHER.get(task, ()))


def folder_of(name: str) -> str:
    """Return the folder's name of a task or run."""
    return name.replace("/", "-")


def grid(root: Path, device: str = "cpu") -> list[Cell]:
    """The runs: what matters most first, whole seeds of it one after the other."""
    wanted = [
        (rank, number, seed, task, name)
        for number, (task, about) in enumerate(TASKS.items())
        for name in names_of(task)
        for seed in SEEDS
        for rank in [0 if name in ("bank", "none", "recall") else 1 if name in ("symbolic", "oracle") else 2]
    ]
    return [
        _cell(root, device, task, name, seed)
        for _, _, seed, task, name in sorted(wanted, key=lambda w: (w[0], w[2], w[1]))
    ]


def _cell(root: Path, device: str, task: str, name: str, seed: int) -> Cell:
    base, about, own = cpu(), TASKS[task], NAMES[name]
    fields = {**base.policy_kwargs, **about.policy, **own}
    if fields["memory"] == "bank":
        fields["memory_kwargs"] = {**base.policy_kwargs["memory_kwargs"], **own.get("memory_kwargs", {})}
    # A run has one instruction, in which there is nothing to understand.
    fields["encoder_kwargs"] = {**fields["encoder_kwargs"], "text": "hash", **about.encoder}
    told = {**about.env, **({"oracle": True} if name == "oracle" else {})}
    config: ImitationConfig = replace(
        base,
        policy_kwargs=fields,
        data=tuple(str(folder) for _, folder, _ in recordings(root, task, name)),
        env=task,
        env_kwargs={"observation": "pixels", **({"delay": 20} if about.delays else {}), **told},
        loading=replace(
            base.loading,
            labels=name == "recall",
            happenings=fields.get("symbolic", False),
            **({"looks": LOOKS} if name == "looks" else {}),
            **({"sampler": "window"} if name == "stack" else about.loading),
        ),
        steps=about.steps or base.steps,
        seed=seed,
        device=device,
        out=str(root / folder_of(f"{task}-{name}-s{seed}")),
    )
    return Cell({"task": task, "name": name, "seed": seed}, config)
