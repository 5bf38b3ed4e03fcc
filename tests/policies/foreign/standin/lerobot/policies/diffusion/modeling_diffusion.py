from collections import deque

import torch
from torch import nn

from ..pretrained import PreTrainedPolicy
from .configuration_diffusion import DiffusionConfig


class DiffusionPolicy(PreTrainedPolicy):
    """Two observations in queues, noise of torch's own generator, and words where its preprocessor reads them."""

    config_class = DiffusionConfig
    name = "diffusion"

    def __init__(self, config: DiffusionConfig, **kwargs):
        super().__init__(config)
        config.validate_features()
        size = config.input_features["observation.state"].shape[0]
        self.size = config.output_features["action"].shape[0]
        self.diffusion = nn.Linear(size * config.n_obs_steps, self.size)
        self.reset()

    def get_optim_params(self):
        return self.parameters()

    def reset(self):
        self._queues = {
            "observation.state": deque(maxlen=self.config.n_obs_steps),
            "action": deque(maxlen=self.config.n_action_steps),
        }

    def forward(self, batch):
        raise NotImplementedError

    @torch.no_grad()
    def predict_action_chunk(self, batch):
        seen = torch.stack(list(self._queues["observation.state"]), 1).flatten(1)
        words = batch.get("observation.language.tokens", torch.zeros(len(seen), 1))
        noise = torch.randn(len(seen), self.config.horizon, self.size)
        return self.diffusion(seen)[:, None] + words[:, :, None] + noise

    @torch.no_grad()
    def select_action(self, batch):
        queue = self._queues["observation.state"]
        queue.append(batch["observation.state"])
        while len(queue) < queue.maxlen:
            queue.append(batch["observation.state"])
        if not self._queues["action"]:
            chunk = self.predict_action_chunk(batch)
            self._queues["action"].extend(chunk[:, : self.config.n_action_steps].transpose(0, 1))
        return self._queues["action"].popleft()
