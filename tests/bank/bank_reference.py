"""The bank written down once more: one row, Python lists, numpy, float64. It shares no code with what it checks."""

import math

import numpy as np
from torch import nn

erf = np.vectorize(math.erf, otypes=[np.float64])


def _norm(x, weight, bias):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * weight + bias


def _softmax(scores):
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


class ReferenceBank:
    """One environment's bank; entries are [tokens, time, count]."""

    def __init__(self, bank: nn.Module) -> None:
        self.w = {name: value.detach().double().numpy() for name, value in bank.state_dict().items()}
        self.config, self.width = bank.config, bank.width
        self.entries: list[list] = []

    def encode(self, time):
        frequency = [10_000.0 ** (-i / 128) / self.config.unit for i in range(128)]
        waves = np.array([math.cos(time * f) for f in frequency] + [math.sin(time * f) for f in frequency])
        inner = self.w["time_encoding.inner.weight"] @ waves + self.w["time_encoding.inner.bias"]
        inner = inner / (1 + np.exp(-inner))
        return self.w["time_encoding.outer.weight"] @ inner + self.w["time_encoding.outer.bias"]

    def retrieve(self, x):
        """H, and the attention of each entry."""
        if not self.entries:
            return x, np.zeros(0)
        values = np.concatenate([tokens for tokens, _, _ in self.entries])
        keys = values
        if self.config.time == "absolute":
            keys = np.concatenate([tokens + self.encode(time) for tokens, time, _ in self.entries])
        q, heads, masses = x, self.config.heads, []
        size = self.width // heads
        for layer in range(self.config.layers):
            w = {n.split(f"layers.{layer}.")[1]: v for n, v in self.w.items() if f"layers.{layer}." in n}
            query, key = q @ w["attention.query.weight"].T, keys @ w["attention.key.weight"].T
            value = values @ w["attention.value.weight"].T
            parts = []
            for head in range(heads):
                cut = slice(head * size, (head + 1) * size)
                share = _softmax(query[:, cut] @ key[:, cut].T / math.sqrt(size))
                masses.append(share.mean(0).reshape(len(self.entries), -1).sum(1))
                parts.append(share @ value[:, cut])
            q = _norm(q + np.concatenate(parts, 1), w["attention_norm.weight"], w["attention_norm.bias"])
            hidden = q @ w["expand.weight"].T + w["expand.bias"]
            hidden = 0.5 * hidden * (1 + erf(hidden / math.sqrt(2)))
            q = _norm(q + hidden @ w["contract.weight"].T + w["contract.bias"], w["norm.weight"], w["norm.bias"])
        return q, np.mean(masses, 0)

    def gate(self, x, h):
        logits = np.concatenate([x, h], -1) @ self.w["fusion.gate.weight"].T + self.w["fusion.gate.bias"]
        return 1 / (1 + np.exp(-logits))

    def fuse(self, x):
        h, _ = self.retrieve(x)
        if self.config.fusion == "gate":
            g = self.gate(x, h)
            return g * h + (1 - g) * x
        return x + h if self.config.fusion == "add" else h

    def write(self, tokens, time):
        config = self.config
        if config.consolidate == "none" and len(self.entries) == config.length:
            return
        self.entries.append([tokens, time, 1])
        if len(self.entries) <= config.length:
            return
        if config.consolidate == "fifo":
            del self.entries[0]
            return
        best, at = -np.inf, None
        for i, (a, b) in enumerate(zip(self.entries, self.entries[1:])):
            cosines = [u @ v / (np.linalg.norm(u) * np.linalg.norm(v)) for u, v in zip(a[0], b[0])]
            if np.mean(cosines) > best:
                best, at = np.mean(cosines), i
        (a, s, m), (b, t, n) = self.entries[at : at + 2]
        if config.consolidate == "merge":
            m_, n_ = 1, 1
        else:
            m_, n_ = m, n
        time = s if config.merged_time == "first" else (m_ * s + n_ * t) / (m_ + n_)
        self.entries[at : at + 2] = [[(m_ * a + n_ * b) / (m_ + n_), time, m + n]]

    def step(self, x, time):
        fused = self.fuse(x)
        self.write(x if self.config.store == "raw" else fused, time)
        return fused
