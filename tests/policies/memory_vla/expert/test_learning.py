"""It learns: two modes with one cue, one mode with another, none of them the mean."""

import pytest
import torch

from robomem_policies.memory_vla.expert import ActionExpert, ExpertConfig

# By cue: left or right of an obstacle, equally often; or straight up.
MODES = torch.tensor([[[-0.7, 0.3], [0.7, 0.3]], [[0.0, -0.6], [0.0, -0.6]]])


@pytest.mark.parametrize(
    ("process", "prediction"), [("ddim", "epsilon"), ("ddim", "sample"), ("ddpm", "epsilon"), ("flow", "epsilon")]
)
def test_it_learns_modes_and_which_cue_means_which(process, prediction):
    torch.manual_seed(0)
    config = ExpertConfig(width=32, depth=1, heads=2, process=process, prediction=prediction, guidance=1.0)
    made = ActionExpert(chunk=2, action=2, perceptual_width=4, cognitive_width=4, config=config)
    optimiser = torch.optim.AdamW(made.parameters(), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, total_steps=300)
    given = torch.Generator().manual_seed(1)
    cues, seen, valid = torch.eye(4)[:2, None], torch.zeros(32, 1, 4), torch.ones(32, 2, dtype=torch.bool)
    for _ in range(300):
        cue = torch.randint(2, (32,), generator=given)
        mode = torch.randint(2, (32,), generator=given)
        action = MODES[cue, mode][:, None].expand(-1, 2, -1)
        optimiser.zero_grad()
        made.loss(action, valid, cues[cue], seen, given).mean().backward()
        optimiser.step()
        schedule.step()
    cue = torch.arange(2).repeat_interleave(100)
    chunk = made.sample(cues[cue], torch.zeros(200, 1, 4), torch.randn(200, 2, 2, generator=given))
    distance = (chunk[:, None] - MODES[cue][:, :, None]).norm(dim=-1).amax(-1)
    # The mean of the two modes is 0.7 from both.
    assert (distance.amin(1) < 0.25).float().mean() > 0.75
    left = (distance[:100].argmin(1) == 0).float().mean()
    assert 0.25 < left < 0.75
