"""The laws of the action expert: what it starts as, what depends on what, and what is computed once."""

import dataclasses

import pytest
import torch
from torch import nn

from robomem.errors import ConfigError
from robomem_policies.memory_vla.expert import ActionExpert, ExpertConfig

M, N, K, D_P, D_C, H, A = 6, 5, 1, 12, 20, 4, 3
TINY = ExpertConfig(width=32, depth=2, heads=2, train_steps=20, steps=5)
PROCESSES = ["ddim", "ddpm", "flow"]


def expert(seed=0, awake=True, **values):
    """An expert; ``awake`` is one whose layers that begin at zero have learnt something."""
    torch.manual_seed(seed)
    config = dataclasses.replace(TINY, **values)
    made = ActionExpert(chunk=H, action=A, perceptual_width=D_P, cognitive_width=D_C, config=config)
    if awake:
        for layer in [made.network.head[1], *(block.perceive.out for block in made.network.blocks)]:
            nn.init.normal_(layer.weight, std=0.2)
    return made


def inputs(seed=1, rows=M, tokens=K):
    given = torch.Generator().manual_seed(seed)
    return (
        torch.randn(rows, tokens, D_C, generator=given),
        torch.randn(rows, N, D_P, generator=given),
        torch.randn(rows, H, A, generator=given),
    )


def chunks(seed=2, rows=M):
    return 2 * torch.rand(rows, H, A, generator=torch.Generator().manual_seed(seed)) - 1


def loss(made, action, valid, cognitive, perceptual, seed=3):
    return made.loss(action, valid, cognitive, perceptual, torch.Generator().manual_seed(seed))


EVERY = torch.ones(M, H, dtype=torch.bool)


# The start


@pytest.mark.parametrize("process", PROCESSES)
def test_it_starts_by_answering_zero(process):
    made = expert(awake=False, process=process)
    cognitive, perceptual, noise = inputs()
    condition = made.network.condition(cognitive, perceptual, torch.tensor([[False, True]]))
    time = made.network.time(torch.tensor(7.0))
    answer = made.network(noise[:, None].expand(-1, 2, -1, -1), time, condition)
    assert torch.count_nonzero(answer) == 0


def test_perception_has_no_effect_at_the_start_and_one_later():
    made = expert(awake=False)
    nn.init.normal_(made.network.head[1].weight, std=0.2)
    cognitive, perceptual, noise = inputs()
    before = made.sample(cognitive, perceptual, noise)
    assert torch.equal(before, made.sample(cognitive, 2 * perceptual.flip(0), noise))
    assert not torch.equal(before, made.sample(cognitive.flip(0), perceptual, noise))
    nn.init.normal_(made.network.blocks[0].perceive.out.weight, std=0.2)
    after = made.sample(cognitive, perceptual, noise)
    assert (after - made.sample(cognitive, 2 * perceptual.flip(0), noise)).abs().max() > 1e-3


# What depends on what


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("guidance", [1.0, 1.5])
def test_a_row_depends_on_its_own_inputs_alone(process, guidance):
    made = expert(process=process, guidance=guidance)
    cognitive, perceptual, noise = inputs()
    whole = made.sample(cognitive, perceptual, noise)
    order = torch.tensor([3, 0, 5])
    part = made.sample(cognitive[order], perceptual[order], noise[order])
    torch.testing.assert_close(part, whole[order], atol=1e-5, rtol=1e-5)
    for other in (cognitive, perceptual, noise):
        other[1] = torch.nan
    spoilt = made.sample(cognitive, perceptual, noise)
    rest = torch.tensor([0, 2, 3, 4, 5])
    torch.testing.assert_close(spoilt[rest], whole[rest], atol=1e-5, rtol=1e-5)
    assert spoilt[1].isnan().all()


@pytest.mark.parametrize("process", PROCESSES)
def test_sampling_is_a_function_and_leaves_everything_as_it_was(process):
    made = expert(process=process)
    given = inputs()
    copies = [value.clone() for value in given]
    torch.manual_seed(1)
    first = made.sample(*given)
    torch.manual_seed(2)
    assert torch.equal(first, made.sample(*given))
    assert all(torch.equal(a, b) for a, b in zip(given, copies, strict=True))
    assert not first.requires_grad
    assert first.shape == (M, H, A)
    assert first.dtype == torch.float32
    assert not torch.allclose(first, made.sample(given[0], given[1], given[2].flip(0)), atol=1e-3)


def test_the_chunks_of_ddpm_differ_from_those_of_ddim():
    made, other = expert(process="ddpm"), expert(process="ddim")
    assert not torch.allclose(made.sample(*inputs()), other.sample(*inputs()), atol=1e-2)


@pytest.mark.parametrize("process", PROCESSES)
def test_gradients_reach_cognition_perception_and_every_weight(process):
    made = expert(process=process, condition_drop=0.5)
    cognitive, perceptual, _ = inputs()
    cognitive.requires_grad_()
    perceptual.requires_grad_()
    loss(made, chunks(), EVERY, cognitive, perceptual).sum().backward()
    for value in (cognitive, perceptual):
        assert (value.grad.abs().amax((1, 2)) > 1e-6).all()
    for name, weight in made.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().max() > 0, name


def test_cognition_is_dropped_as_often_as_said_and_perception_never():
    made = expert(condition_drop=0.25, repeat=1)
    rows = 4000
    cognitive, perceptual, _ = inputs(rows=rows)
    cognitive.requires_grad_()
    perceptual.requires_grad_()
    loss(made, chunks(rows=rows), torch.ones(rows, H, dtype=torch.bool), cognitive, perceptual).sum().backward()
    dropped = (cognitive.grad == 0).all(-1).all(-1).float().mean()
    assert abs(dropped - 0.25) < 5 * (0.25 * 0.75 / rows) ** 0.5
    assert (perceptual.grad != 0).any(-1).any(-1).all()


# Guidance


@pytest.mark.parametrize("process", ["ddim", "flow"])
def test_guidance_is_linear_in_both_answers(process):
    """One step from the noise, guidance s goes s times as far from the unguided step as guidance 1."""
    results = {s: expert(process=process, steps=1, guidance=s).sample(*inputs()) for s in (0.0, 1.0, 1.5, 4.0)}
    for s in (1.5, 4.0):
        expected = results[0.0] + s * (results[1.0] - results[0.0])
        torch.testing.assert_close(results[s], expected, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(results[0.0], results[1.0], atol=1e-3)


def test_guidance_0_ignores_cognition_and_1_the_uncondition():
    without, plain = expert(guidance=0.0), expert(guidance=1.0)
    cognitive, perceptual, noise = inputs()
    torch.testing.assert_close(
        without.sample(cognitive, perceptual, noise), without.sample(-cognitive, perceptual, noise)
    )
    before = plain.sample(cognitive, perceptual, noise)
    plain.network.uncondition.data += 1.0
    assert torch.equal(before, plain.sample(cognitive, perceptual, noise))


@pytest.mark.parametrize(("guidance", "variants"), [(1.0, 1), (1.5, 2)])
def test_both_halves_share_one_pass_and_one_condition(guidance, variants):
    made = expert(guidance=guidance)
    shapes, prepared = [], []
    made.network.register_forward_pre_hook(lambda _, given: shapes.append(tuple(given[0].shape)))
    made.network.perception.register_forward_hook(lambda *_: prepared.append(1))
    made.sample(*inputs())
    assert shapes == [(M, variants, H, A)] * TINY.steps
    assert len(prepared) == 1


@pytest.mark.parametrize("process", ["ddim", "flow"])
@pytest.mark.parametrize("guidance", [1.0, 1.5])
def test_preparing_the_condition_once_equals_preparing_it_at_every_step(process, guidance):
    made = expert(process=process, guidance=guidance)
    cognitive, perceptual, noise = inputs()
    x, network = noise, made.network
    with torch.no_grad():
        for step in made.process.steps:
            answers = []
            for dropped in (False, True):
                condition = network.condition(cognitive, perceptual, torch.tensor([[dropped]]))
                answers.append(network(x[:, None], network.time(torch.tensor(step.time)), condition)[:, 0])
            x = step.chunk * x + step.output * (answers[1] + guidance * (answers[0] - answers[1]))
    torch.testing.assert_close(made.sample(cognitive, perceptual, noise), x, atol=1e-4, rtol=1e-4)


# The loss


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("prediction", ["epsilon", "sample"])
def test_the_loss_is_the_mean_over_draws_and_valid_actions_done_one_by_one(process, prediction):
    if process == "flow":
        prediction = "epsilon"
    made = expert(process=process, prediction=prediction, repeat=3, condition_drop=0.5)
    cognitive, perceptual, _ = inputs()
    action, valid = chunks(), torch.arange(H) < torch.tensor([4, 1, 3, 2, 4, 1])[:, None]
    given = torch.Generator().manual_seed(3)
    noise = torch.randn(M, 3, H, A, generator=given)
    level = made.process.levels((M, 3), given)
    dropped = torch.rand(M, 3, generator=given) < 0.5
    expected = torch.zeros(M)
    for row in range(M):
        for draw in range(3):
            noisy, target = made.process.corrupt(action[row], noise[row, draw], level[row, draw])
            condition = made.network.condition(
                cognitive[row : row + 1], perceptual[row : row + 1], dropped[row, draw][None, None]
            )
            time = made.network.time(level[row, draw])
            answer = made.network(noisy[None, None], time, condition, valid[row : row + 1])
            expected[row] += (answer[0, 0] - target)[valid[row]].square().mean() / 3
    torch.testing.assert_close(loss(made, action, valid, cognitive, perceptual), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("process", PROCESSES)
def test_what_lies_beyond_the_end_does_not_matter(process):
    made = expert(process=process)
    cognitive, perceptual, _ = inputs()
    action, valid = chunks(), EVERY.clone()
    valid[1, 2:], valid[4, 1:] = False, False
    before = loss(made, action, valid, cognitive, perceptual)
    for junk in (1e6, torch.nan, torch.inf):
        action[~valid] = junk
        torch.testing.assert_close(loss(made, action, valid, cognitive, perceptual), before)


def test_a_chunk_cut_short_costs_what_a_short_chunk_costs():
    """With actions beyond the end unseen, an expert of a shorter chunk with the same weights has the same loss."""
    made = expert(repeat=1, condition_drop=0.0, guidance=1.0)
    short = ActionExpert(chunk=2, action=A, perceptual_width=D_P, cognitive_width=D_C, config=made.config)
    weights = made.state_dict()
    weights["network.position"] = weights["network.position"][: K + 2]
    short.load_state_dict(weights)
    cognitive, perceptual, noise = inputs()
    valid = EVERY.clone()
    valid[:, 2:] = False
    level = torch.full((M, 1), 7.0)
    network, other = made.network, short.network
    condition = network.condition(cognitive, perceptual, torch.tensor([[False]]))
    long_answer = network(noise[:, None], network.time(level), condition, valid)[:, :, :2]
    torch.testing.assert_close(long_answer, other(noise[:, None, :2], other.time(level), condition))


@pytest.mark.parametrize("process", PROCESSES)
def test_rows_without_a_valid_action_are_left_out(process):
    made = expert(process=process)
    cognitive, perceptual, _ = inputs()
    action, valid = chunks(), EVERY.clone()
    whole = loss(made, action, valid, cognitive, perceptual)
    valid[2], valid[5] = False, False
    for part in (action, cognitive, perceptual):
        part[2] = torch.nan
    cognitive.requires_grad_()
    value = loss(made, action, valid, cognitive, perceptual)
    kept = torch.tensor([0, 1, 3, 4])
    assert value[2] == value[5] == 0
    torch.testing.assert_close(value[kept], whole[kept])
    value.sum().backward()
    assert cognitive.grad.isfinite().all()
    assert all(weight.grad.isfinite().all() for weight in made.parameters())


def test_nothing_valid_at_all_is_zero_with_a_zero_gradient():
    made = expert()
    cognitive, perceptual, _ = inputs()
    value = loss(made, chunks(), ~EVERY, cognitive, perceptual)
    assert torch.equal(value, torch.zeros(M))
    value.sum().backward()
    assert all(weight.grad is None or not weight.grad.any() for weight in made.parameters())


# Precision, several cognitive tokens, weights, errors


@pytest.mark.parametrize("process", ["ddim", "flow"])
def test_bfloat16_is_close_to_float32(process):
    precise, rough = expert(process=process), expert(process=process, precision="bfloat16")
    x, y = precise.sample(*inputs()), rough.sample(*inputs())
    assert y.dtype == torch.float32
    assert not torch.equal(x, y)
    assert (x - y).abs().mean() < 0.02 * x.abs().mean()


def test_several_cognitive_tokens_are_all_seen():
    made = expert(cognitive_tokens=3)
    cognitive, perceptual, noise = inputs(tokens=3)
    before = made.sample(cognitive, perceptual, noise)
    for token in range(3):
        other = cognitive.clone()
        other[:, token] += 1
        assert (made.sample(other, perceptual, noise) - before).abs().amax((1, 2)).min() > 1e-4


def test_weights_move_between_processes():
    """DDIM and DDPM share a network, and flow has the same; nothing of a schedule is saved."""
    made = expert(process="ddim")
    for process in ("ddpm", "flow"):
        other = expert(seed=9, process=process)
        other.load_state_dict(made.state_dict(), strict=True)
    assert not list(made.buffers(recurse=False))


@pytest.mark.parametrize("name", ["cognitive", "perceptual", "noise"])
@pytest.mark.parametrize("change", [lambda x: x[:-1], lambda x: x[..., :-1], lambda x: x[0]])
def test_a_wrong_shape_is_named(name, change):
    given = dict(zip(["cognitive", "perceptual", "noise"], inputs(), strict=True))
    given[name] = change(given[name])
    with pytest.raises(ConfigError, match=r"is \[.*\], not \[.*\] as this expert takes it"):
        expert().sample(**given)


@pytest.mark.parametrize("change", [lambda a, v: (a[:, :-1], v), lambda a, v: (a, v[:, :-1]), lambda a, v: (a, v[:-1])])
def test_a_wrong_chunk_is_named(change):
    cognitive, perceptual, _ = inputs()
    with pytest.raises(ConfigError, match="as this expert takes it"):
        loss(expert(), *change(chunks(), EVERY), cognitive, perceptual)


@pytest.mark.parametrize("size", ["chunk", "action", "perceptual_width", "cognitive_width"])
def test_an_expert_of_nothing_is_refused(size):
    sizes = {"chunk": H, "action": A, "perceptual_width": D_P, "cognitive_width": D_C, size: 0}
    with pytest.raises(ConfigError, match=f"{size} must be at least 1"):
        ActionExpert(**sizes, config=TINY)
