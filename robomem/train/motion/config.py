"""What a run that learns motion is: one frozen dataclass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, get_args

import tyro

from robomem.errors import UnknownNameError
from robomem.train.adam_config import AdamConfig
from robomem.train.config import LoggerName, is_int, is_json, require

__all__ = ["DEVICES", "STAGES", "MotionConfig", "StageConfig"]

DEVICES = ("cpu", "cuda", "mps", "auto")
STAGES = ("tokeniser", "generator", "residual")


@dataclass(frozen=True)
class StageConfig(AdamConfig):
    """How long a stage learns, and how its weights follow the gradient."""

    steps: int = 2000
    """Updates of the weights."""
    batch: int = 64
    """Clips of an update: windows of them for the tokeniser, whole ones or segments for the others."""

    where: ClassVar[str] = "a stage"

    def __post_init__(self) -> None:
        """Raise ConfigError for a value out of range."""
        super().__post_init__()
        self._require("steps", is_int(self.steps, 1), "an integer >= 1")
        self._require("batch", is_int(self.batch, 1), "an integer >= 1")


@dataclass(frozen=True)
class MotionConfig:
    """Learn motion from words, stage by stage, and keep everything in one run folder."""

    model: str = "text_to_motion"
    """Who learns: text_to_motion, or what a plugin adds."""
    model_kwargs: dict[str, Any] = field(default_factory=dict)
    """Fields of the model, e.g. mask=random align=false mixer=transformer."""
    data: str = ""
    """Folder of a set of clips with words, of robomem collect motion or scripts/fetch_motion.py."""
    stages: tuple[str, ...] = STAGES
    """Which stages learn, in order: tokeniser, generator, residual."""
    earlier: Annotated[str, tyro.conf.arg(name="from")] = ""
    """Run whose weights the stages that do not learn here have, e.g. one tokeniser for several generators."""
    tokeniser: StageConfig = field(default_factory=StageConfig)
    """Frames to tokens and back."""
    generator: StageConfig = field(default_factory=StageConfig)
    """Words to the first layer of tokens."""
    residual: StageConfig = field(default_factory=StageConfig)
    """The first layer of tokens to the others."""
    window: int = 64
    """Frames that the tokeniser sees at a time."""
    longest: int = 400
    """Clips of more frames are left out of the stages after the tokeniser, for memory's sake."""
    segments: float = 0.5
    """Share of the compositions of which one segment is learnt, told alone, with what came before it as known."""
    seed: int = 0
    """From which every random stream is derived."""
    log_every: int = 50
    """Updates of which a row of the log is the mean."""
    eval_every: int = 500
    """Updates of a stage between two losses on the split val, each followed by a checkpoint."""
    out: str = ""
    """Run folder; by default runs/motion-MASK-sSEED, numbered if that is taken."""
    logger: tuple[LoggerName, ...] = ("tensorboard",)
    """Where the log goes beside progress.csv: tensorboard, wandb, trackio, any of them or none."""
    device: str = "auto"
    """Where the networks live: cpu, cuda, mps or auto, which is a GPU where there is one."""

    env: ClassVar[str] = ""

    def __post_init__(self) -> None:
        """Raise ConfigError for a value of a wrong type or out of range."""
        for name in ("log_every", "eval_every", "longest"):
            require(name, getattr(self, name), is_int(getattr(self, name), 1), "an integer >= 1")
        require("window", self.window, is_int(self.window, 8), "an integer >= 8")
        require("seed", self.seed, is_int(self.seed, 0), "an integer >= 0")
        require("model", self.model, isinstance(self.model, str) and self.model, "a name")
        for name in ("data", "earlier", "out"):
            require(name, getattr(self, name), isinstance(getattr(self, name), str), "a folder")
        require("model_kwargs", self.model_kwargs, is_json(self.model_kwargs), "a mapping of names to JSON values")
        share = isinstance(self.segments, (int, float)) and 0 <= self.segments <= 1
        require("segments", self.segments, share, "a share in [0, 1]")
        for name in self.stages:
            if name not in STAGES:
                raise UnknownNameError("stage", name, STAGES)
            require(name, getattr(self, name), isinstance(getattr(self, name), StageConfig), "a StageConfig")
        ordered = tuple(name for name in STAGES if name in self.stages)
        require("stages", self.stages, self.stages and self.stages == ordered, f"some of {', '.join(STAGES)}, in order")
        if STAGES[0] not in self.stages:
            require("from", self.earlier, self.earlier, "a run, since its tokeniser is needed")
        else:
            require("from", self.earlier, not self.earlier, "left out where the tokeniser learns, on which all stands")
        known = get_args(LoggerName)
        fits = isinstance(self.logger, tuple) and set(self.logger) <= set(known)
        require("logger", self.logger, fits, f"a tuple of {', '.join(known)}")
        require("device", self.device, self.device in DEVICES, f"one of {', '.join(DEVICES)}")

    def stage(self, name: str) -> StageConfig:
        """Return the settings of a stage."""
        settings: StageConfig = getattr(self, name)
        return settings

    @property
    def steps(self) -> int:
        """Updates of all stages that learn."""
        return sum(self.stage(name).steps for name in self.stages)

    @property
    def who(self) -> str:
        """What learns, in a word."""
        told = [str(self.model_kwargs[name]) for name in ("mixer", "mask") if name in self.model_kwargs]
        return "-".join(["motion", *told])
