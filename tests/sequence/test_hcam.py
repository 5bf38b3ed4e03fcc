"""HCAM against a brute-force reference: Python loops over rows, steps, chunks and heads, from the paper's equations."""

import math

import pytest
import torch

from robomem.errors import ConfigError
from robomem.sequence import make
from robomem.sequence.chunk_attention import chunk_positions

WIDTH, HEADS, CHUNK, TOP_K, WINDOW = 8, 2, 3, 2, 4
CONFIG = {"width": WIDTH, "heads": HEADS, "chunk_size": CHUNK, "top_k": TOP_K, "window": WINDOW}


def reference(memory, x, reset, max_chunks):
    """The outputs [T, F] of one row that begins empty, and how many chunks each step could read."""
    layers = len(memory.recall)
    h_all, offered = [], []
    chunks, filling, past = [[] for _ in range(layers)], [[] for _ in range(layers)], [[] for _ in range(layers)]
    for t in range(len(x)):
        if reset[t]:
            chunks, filling, past = (
                [[] for _ in range(layers)],
                [[] for _ in range(layers)],
                [[] for _ in range(layers)],
            )
        offered.append(len(chunks[0]))
        h = memory.embed(x[t])
        for layer in range(layers):
            remembered = h
            h = h + window_attention(memory.attention[layer], h, past[layer])
            h = h + hcam(memory.recall[layer], h, chunks[layer])
            h = memory.feed_forward[layer](h)
            filling[layer].append(remembered.detach())
            if len(filling[layer]) == CHUNK:
                chunks[layer] = [*chunks[layer], torch.stack(filling[layer])][-max_chunks:]
                filling[layer] = []
        h_all.append(memory.norm(h))
    return torch.stack(h_all), offered


def normalised(h):
    return (h - h.mean()) / torch.sqrt(h.var(unbiased=False) + 1e-5)


def window_attention(module, h, past):
    past.append(normalised(h))
    seen = past[-WINDOW - 1 :]
    query, size = module.query(seen[-1]), WIDTH // HEADS
    result = []
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        logits = [
            query[part] @ module.key(c)[part] / math.sqrt(size) + module.distance_bias[head, len(seen) - 1 - i]
            for i, c in enumerate(seen)
        ]
        weights = torch.stack(logits).softmax(0)
        result.append(sum(w * module.value(c)[part] for w, c in zip(weights, seen, strict=True)))
    return module.out(torch.cat(result))


def hcam(module, h, chunks):
    if not chunks:
        return torch.zeros_like(h)
    x = normalised(h) * module.norm.weight + module.norm.bias
    logits = torch.stack(
        [(module.select_query.weight @ x) @ (module.select_key.weight @ c.mean(0)) / math.sqrt(WIDTH) for c in chunks]
    )
    best = logits.argsort(descending=True)[:TOP_K]
    weights = logits[best].softmax(0)
    total = 0.0
    for w, i in zip(weights, best, strict=True):
        total = total + w * multi_head_attention(module, x, chunks[i])
    return total


def multi_head_attention(module, x, chunk):
    size, result = WIDTH // HEADS, []
    placed = []
    for t in range(CHUNK):
        position = CHUNK - 1 - t
        angles = [position / 10_000 ** (f / WIDTH) for f in range(0, WIDTH, 2)]
        placed.append(chunk[t] + torch.tensor([*map(math.sin, angles), *map(math.cos, angles)], dtype=chunk.dtype))
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        query = (module.query.weight @ x)[part]
        weights = torch.stack([query @ (module.key.weight @ c)[part] / math.sqrt(size) for c in placed]).softmax(0)
        result.append(sum(w * (module.value.weight @ c)[part] for w, c in zip(weights, placed, strict=True)))
    return module.out.weight @ torch.cat(result)


def build(layers=2, max_chunks=4, **config):
    torch.manual_seed(3)
    memory = make("hcam", input_size=5, layers=layers, max_chunks=max_chunks, **CONFIG, **config).double()
    for layer in memory.recall:
        layer.positions.copy_(chunk_positions(CHUNK, WIDTH))
    for parameter in memory.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return memory


@pytest.mark.parametrize(("seed", "odds", "max_chunks"), [(0, 0.0, 9), (1, 0.0, 3), (2, 0.1, 2), (3, 0.3, 5)])
def test_outputs_and_gradients_are_the_papers(seed, odds, max_chunks):
    memory = build(max_chunks=max_chunks)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 19, 5, generator=generator, dtype=torch.float64)
    reset = torch.rand(2, 19, generator=generator) < odds
    rows = [reference(memory, x[row], reset[row], max_chunks) for row in range(2)]
    expected = torch.stack([y for y, _ in rows])
    if odds == 0.0:
        offered = [rows[0][1][t] for t in (2, 3, 6, 18)]
        assert offered == [0, 1, 2, min(6, max_chunks)]  # none, fewer than k, k, perhaps a full ring

    actual, _ = memory(x, memory.initial_state(2), reset)
    torch.testing.assert_close(actual, expected, rtol=1e-10, atol=1e-10)

    weigh = torch.randn(expected.shape, generator=generator, dtype=torch.float64)
    names, leaves = zip(*memory.named_parameters(), strict=True)
    ours = torch.autograd.grad((actual * weigh).sum(), leaves, allow_unused=True)
    theirs = torch.autograd.grad((expected * weigh).sum(), leaves, allow_unused=True)
    for name, a, b in zip(names, ours, theirs, strict=True):
        a, b = (torch.zeros(()) if g is None else g for g in (a, b))
        torch.testing.assert_close(a, b.expand_as(a) if b.dim() == 0 else b, rtol=1e-8, atol=1e-8, msg=name)


def test_the_first_chunk_is_not_read_before_it_is_finished():
    memory = build(layers=1)
    x = torch.randn(1, 8, 5, dtype=torch.float64)
    none = torch.zeros(1, 8, dtype=torch.bool)
    y, _ = memory(x, memory.initial_state(1), none)
    memory.recall[0].out.weight.data.zero_()
    silent, _ = memory(x, memory.initial_state(1), none)
    assert torch.equal(y[:, :CHUNK], silent[:, :CHUNK])
    assert not torch.isclose(y[:, CHUNK], silent[:, CHUNK]).all()


def test_reads_further_back_than_its_window_and_forgets_what_the_ring_overwrote():
    memory = build(layers=1, max_chunks=2)
    x = torch.randn(1, 15, 5, dtype=torch.float64)
    none = torch.zeros(1, 15, dtype=torch.bool)
    before, _ = memory(x, memory.initial_state(1), none)
    x[:, 1] += 1.0
    after, _ = memory(x, memory.initial_state(1), none)
    changed = (before != after).any(-1)[0]
    assert changed[1 : CHUNK * 3].all()
    assert not changed[CHUNK * 3 :].any()


def test_the_state_survives_a_weight_update():
    """What acting goes on with after an update is what learning computes from the same state."""
    memory = build()
    x = torch.randn(2, 20, 5, dtype=torch.float64)
    none = torch.zeros(2, 20, dtype=torch.bool)
    with torch.no_grad():
        _, state = memory(x[:, :11], memory.initial_state(2), none[:, :11])
        for parameter in memory.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
        learned, _ = memory(x[:, 11:], state, none[:, 11:])
        for t in range(11, 20):
            y, state = memory.step_(x[:, t], state, none[:, t])
            torch.testing.assert_close(y, learned[:, t - 11], rtol=1e-10, atol=1e-10)


def test_an_episode_leaves_nothing_in_the_chunks_of_the_next():
    memory = build()
    x = torch.randn(2, 20, 5, dtype=torch.float64)
    reset = torch.zeros(2, 20, dtype=torch.bool)
    reset[:, 13] = True
    _, fresh = memory(x[:, 13:], memory.initial_state(2), reset[:, 13:])
    _, used = memory(x[:, :9], memory.initial_state(2), reset[:, :9])
    _, learned = memory(x[:, 9:], used, reset[:, 9:])
    acted = memory.initial_state(2)
    with torch.no_grad():
        for t in range(20):
            _, acted = memory.step_(x[:, t], acted, reset[:, t])
    for key in ("contents.0", "keys.0", "contents.1", "keys.1", "age"):
        torch.testing.assert_close(learned[key], fresh[key], rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(acted[key], fresh[key], rtol=1e-10, atol=1e-10)


def test_what_is_remembered_starts_in_proportion_to_the_gain():
    x, begin = torch.randn(1, 2 * CHUNK, 5), torch.ones(1, 1, dtype=torch.bool)
    reset = torch.cat([begin, torch.zeros(1, 2 * CHUNK - 1, dtype=torch.bool)], 1)
    contents = []
    for gain in (1.0, 3.0):
        torch.manual_seed(3)
        memory = make("hcam", input_size=5, layers=1, max_chunks=4, gain=gain, **CONFIG)
        torch.nn.init.zeros_(memory.embed.bias)
        contents.append(memory(x, memory.initial_state(1), reset)[1]["contents.0"])
    assert contents[0].any()
    torch.testing.assert_close(contents[1], 3 * contents[0])


def test_consuming_step_writes_in_place():
    memory = build()
    state = memory.initial_state(2)
    with torch.no_grad():
        _, after = memory.step_(torch.randn(2, 5, dtype=torch.float64), state, torch.ones(2, dtype=torch.bool))
    assert after["contents.0"].data_ptr() == state["contents.0"].data_ptr()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"top_k": 9, "max_chunks": 8}, "top_k must not exceed max_chunks"),
        ({"width": 10, "heads": 4}, "multiple of heads"),
        ({"chunk_size": 16, "window": 8}, "window must cover"),
        ({"chunk_size": 0}, "chunk_size must be an integer"),
        ({"gain": 0.0}, "gain must be a number > 0"),
        ({"gain": math.nan}, "gain must be a number > 0"),
    ],
)
def test_wrong_configurations_are_refused(config, message):
    with pytest.raises(ConfigError, match=message):
        make("hcam", input_size=3, **config)
