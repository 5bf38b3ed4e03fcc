from collections import deque

import torch
from torch import nn

from ..pretrained import PreTrainedPolicy
from .configuration_act import ACTConfig


class ACTPolicy(PreTrainedPolicy):
    config_class = ACTConfig
    name = "act"

    def __init__(self, config: ACTConfig, **kwargs):
        super().__init__(config)
        config.validate_features()
        size = config.input_features["observation.state"].shape[0]
        self.size = config.output_features["action"].shape[0]
        self.model = nn.Linear(size + 1, config.chunk_size * self.size)
        if config.temporal_ensemble_coeff is not None:
            self.temporal_ensembler = _Ensembler()
        self.reset()

    def get_optim_params(self):
        return self.parameters()

    def reset(self):
        if self.config.temporal_ensemble_coeff is not None:
            self.temporal_ensembler.reset()
        else:
            self._action_queue = deque(maxlen=self.config.n_action_steps)

    def forward(self, batch):
        raise NotImplementedError

    @torch.no_grad()
    def select_action(self, batch):
        if self.config.temporal_ensemble_coeff is not None:
            return self.temporal_ensembler.update(self.predict_action_chunk(batch))
        if len(self._action_queue) == 0:
            chunk = self.predict_action_chunk(batch)[:, : self.config.n_action_steps]
            self._action_queue.extend(chunk.transpose(0, 1))
        return self._action_queue.popleft()

    @torch.no_grad()
    def predict_action_chunk(self, batch):
        pictures = torch.stack([batch[key] for key in self.config.image_features]).mean((0, 2, 3, 4))[:, None]
        out = self.model(torch.cat([batch["observation.state"], pictures], 1))
        return out.view(len(out), -1, self.size)


class _Ensembler:
    """Changes what it has in place, as LeRobot's does."""

    def reset(self):
        self.ensembled_actions = None

    def update(self, actions):
        if self.ensembled_actions is None:
            self.ensembled_actions = actions.clone()
        else:
            self.ensembled_actions *= 0.5
            self.ensembled_actions += 0.5 * actions
        return self.ensembled_actions[:, 0].clone()
