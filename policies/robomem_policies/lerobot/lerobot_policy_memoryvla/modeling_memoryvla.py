"""MemoryVLA behind LeRobot's interface: what RoboMem hands from call to call is kept here until ``reset``.

Letters in shapes: B environments, H actions of a chunk, A numbers of an action.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import snapshot_download
from lerobot.configs.policies import PreTrainedConfig
from lerobot.policies.pretrained import PreTrainedPolicy
from torch import Tensor

from robomem import policy as policies
from robomem.data.naming import feature_name

from .configuration_memoryvla import _TRAINED_ELSEWHERE, MemoryVLAConfig

__all__ = ["MemoryVLAPolicy"]

AGENT = "robomem"
"""The folder of the policy inside that of LeRobot's files."""


class MemoryVLAPolicy(PreTrainedPolicy):  # type: ignore[misc]
    """A trained MemoryVLA policy.

    Args:
        config: what LeRobot is told about it.
        agent: the policy itself, as ``robomem.policy.load`` returns it; ``from_pretrained`` brings it.
        kwargs: LeRobot's data set and its statistics, which are not used.
    """

    config_class = MemoryVLAConfig
    name = "memoryvla"

    def __init__(self, config: MemoryVLAConfig, agent: Any = None, **kwargs: Any) -> None:
        super().__init__(config)
        config.validate_features()
        if agent is None:
            raise ValueError(_TRAINED_ELSEWHERE)
        self.config, self.agent = config, agent
        self._episodes = 0
        self.reset()

    @classmethod
    def from_pretrained(
        cls,
        pretrained_name_or_path: str | Path,
        *,
        config: PreTrainedConfig | None = None,
        revision: str | None = None,
        token: str | bool | None = None,
        cache_dir: str | Path | None = None,
        local_files_only: bool = False,
        force_download: bool = False,
        **kwargs: Any,
    ) -> MemoryVLAPolicy:
        """Load what ``robomem export lerobot`` or ``save_pretrained`` wrote; every byte of it is checked."""
        folder = Path(pretrained_name_or_path)
        if not folder.is_dir():
            where: dict[str, Any] = {"revision": revision, "token": token, "cache_dir": cache_dir}
            where |= {"local_files_only": local_files_only, "force_download": force_download}
            folder = Path(snapshot_download(str(pretrained_name_or_path), **where))
        config = PreTrainedConfig.from_pretrained(folder) if config is None else config
        made = cls(config, agent=policies.load(folder / AGENT))
        made.to(config.device)
        made.eval()
        return made

    def _save_pretrained(self, save_directory: Path) -> None:
        self.config._save_pretrained(save_directory)
        policies.save(self.agent, Path(save_directory) / AGENT)

    def reset(self) -> None:
        """Forget everything: new episodes begin in all environments."""
        self._state: Any = None

    @torch.no_grad()
    def select_action(self, batch: dict[str, Any], **kwargs: Any) -> Tensor:
        """Return an action [B, A] and remember what is seen; called at every step of the environments."""
        observation, state, start = self._given(batch)
        action, self._state = self.agent.predict(observation, state, start, self.config.deterministic)
        return torch.from_numpy(action).to(self.config.device)

    @torch.no_grad()
    def predict_action_chunk(self, batch: dict[str, Any], **kwargs: Any) -> Tensor:
        """Return a chunk [B, H, A] and remember what is seen.

        The memory takes ``config.chunk_stride`` steps to pass until the next call. What happens between calls is
        remembered if it is shown to ``observe``, with a ``chunk_stride`` of 1.
        """
        observation, state, start = self._given(batch)
        chunk, after = self.agent.plan(observation, state, start, self.config.deterministic)
        self._state = {**after, "step": after["step"] + (self.config.chunk_stride - 1)}
        return torch.from_numpy(chunk).to(self.config.device)

    def observe(self, batch: dict[str, Any]) -> None:
        """Remember what is seen without acting: a step of the environments while a chunk is executed."""
        observation, state, start = self._given(batch)
        self._state = self.agent.observe(observation, state, start)

    def forward(self, batch: dict[str, Any], **kwargs: Any) -> Any:
        """Refuse: it is not trained here."""
        raise NotImplementedError(_TRAINED_ELSEWHERE)

    def get_optim_params(self) -> Any:
        """Return the weights."""
        return self.parameters()

    def _given(self, batch: dict[str, Any]) -> tuple[dict[str, Any], Any, Any]:
        observation = {name: self._part(batch, name) for name in self.agent.observation_space}
        rows = len(next(iter(observation.values())))
        if self._state is not None:
            return observation, self._state, np.zeros(rows, bool)
        seeds = self.config.seed + self._episodes + np.arange(rows)
        self._episodes += rows
        return observation, self.agent.initial_state(rows, seeds, self._texts(batch, rows)), np.ones(rows, bool)

    def _part(self, batch: dict[str, Any], name: str) -> Any:
        shape = self.agent.observation_space[name].shape
        feature = feature_name(name, picture=len(shape) == 3)
        if feature not in batch:
            raise ValueError(f"memoryvla needs {feature!r}; the batch has {', '.join(sorted(batch))}.")
        part = batch[feature].detach().cpu()
        if len(shape) == 3:
            if not part.is_floating_point() or not torch.isfinite(part).all():
                raise ValueError(f"{feature} must be numbers in 0 … 1.")
            part = (part.clamp(0, 1) * 255).round().to(torch.uint8).movedim(-3, -1)
        if tuple(part.shape[1:]) != shape:
            raise ValueError(f"{feature} is {list(part.shape)}, not [B, {', '.join(map(str, shape))}].")
        return part.numpy()

    def _texts(self, batch: dict[str, Any], rows: int) -> list[str] | None:
        """Return each row's instruction; None for the one task of the data that it learnt from."""
        task = batch.get("task")
        texts = [task] * rows if isinstance(task, str) else list(task or [])
        if texts and len(texts) != rows:
            raise ValueError(f"{len(texts)} tasks for {rows} environments.")
        return texts if texts and all(text.strip() for text in texts) else None
