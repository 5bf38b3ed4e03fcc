"""Which tokens of a motion are masked, by name; the masked ones are what a model must tell from the rest.

``density`` is the key-frame mask of KMM (Zhang et al. 2024, arXiv 2411.06481): the peaks of density in latent space
(Rodriguez and Laio 2014). ``random`` is the usual mask, ``stride`` takes tokens at even distances from a random start,
``velocity`` those where the latent changes fastest.

Letters in shapes: B clips, n tokens of a clip, d numbers of a latent.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from robomem.errors import ConfigError, DataError
from robomem.registry import Registry

__all__ = ["choose", "density_peaks", "masks"]

Score = Callable[[Tensor, Tensor, Tensor, torch.Generator], Tensor]

masks: Registry[Score] = Registry("mask")
"""Each returns scores [B, n] of (latents, valid, how many are wanted [B], generator); the highest are masked."""


def choose(name: str, latents: Tensor, valid: Tensor, ratio: float | Tensor, generator: torch.Generator) -> Tensor:
    """Return which tokens are masked, [B, n] bool: exactly ceil(ratio * count) of a row's ``count`` valid ones.

    Args:
        name: one of ``masks``.
        latents: [B, n, d] of the tokens.
        valid: [B, n] bool; others are never masked.
        ratio: 0 to 1, one number or one for each row [B].
        generator: of random masks and of how ties are broken.

    Raises:
        UnknownNameError: no mask has this name.
        ConfigError: the ratio is not within 0 and 1.
        DataError: shapes disagree or a latent is not finite.
    """
    score = masks[name]
    if latents.shape[:-1] != valid.shape or latents.dim() != 3:
        raise DataError(f"Latents [B, n, d] and valid [B, n] are asked for, not {latents.shape} and {valid.shape}.")
    share = torch.as_tensor(ratio, dtype=torch.float64, device=valid.device).expand(len(valid))
    if not bool(((share >= 0) & (share <= 1)).all()):
        raise ConfigError(f"The share of tokens to mask is 0 to 1, not {ratio}.")
    if not bool(latents[valid].isfinite().all()):
        raise DataError("A latent is not finite; the tokeniser has diverged or was given damaged features.")
    wanted = torch.ceil(share * valid.sum(1) - 1e-6).long()
    scores = score(latents.detach(), valid, wanted, generator).masked_fill(~valid, -torch.inf)
    rank = scores.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
    return (rank < wanted[:, None]) & valid


def density_peaks(latents: Tensor, valid: Tensor) -> Tensor:
    """Return gamma [B, n], high for tokens in dense places far from any denser one; 0 where not valid.

    KMM's equations 4, 9 and 10, with D the distances divided by the row's median distance, since exp(-D^2) of raw
    latents underflows:
        density_i = sum_j exp(-D_ij^2)
        apart_i = min over j denser than i of D_ij; for the densest, max_j D_ij
        gamma_i = density_i * apart_i
    Of two equally dense tokens the earlier counts as denser, so that twins do not both stand out.

    Args:
        latents: [B, n, d].
        valid: [B, n] bool.
    """
    x = latents.double()
    x = x - x.masked_fill(~valid[..., None], 0).sum(1, keepdim=True) / valid.sum(1).clamp(min=1)[:, None, None]
    x = x.masked_fill(~valid[..., None], 0)
    squares = x.square().sum(-1)
    distance = (squares[:, :, None] + squares[:, None] - 2 * x @ x.mT).clamp(min=0).sqrt()
    index = torch.arange(x.shape[1], device=x.device)
    pairs = valid[:, :, None] & valid[:, None] & (index[:, None] != index)
    middle = distance.masked_fill(~pairs, torch.nan).flatten(1).nanmedian(1).values
    scale = torch.where(middle > 0, middle, distance.flatten(1).amax(1))  # half of the tokens or more are the same
    distance = distance / torch.where(scale > 0, scale, 1)[:, None, None]
    density = (-distance.square()).exp().masked_fill(~(valid[:, :, None] & valid[:, None]), 0).sum(2)
    ahead = density.round(decimals=9)  # equal but for rounding is equal
    denser = ahead[:, None] > ahead[:, :, None]
    denser |= (ahead[:, None] == ahead[:, :, None]) & (index < index[:, None])
    denser &= pairs
    nearest = distance.masked_fill(~denser, torch.inf).amin(2)
    farthest = distance.masked_fill(~pairs, 0).amax(2)
    apart = torch.where(denser.any(2), nearest, farthest)
    return (density * apart).masked_fill(~valid, 0)


@masks.register("density")
def _density(latents: Tensor, valid: Tensor, wanted: Tensor, generator: torch.Generator) -> Tensor:
    gamma = density_peaks(latents, valid)
    return gamma + 1e-6 * torch.rand(gamma.shape, generator=generator, dtype=gamma.dtype).to(gamma.device)


@masks.register("random")
def _random(latents: Tensor, valid: Tensor, wanted: Tensor, generator: torch.Generator) -> Tensor:
    return torch.rand(valid.shape, generator=generator).to(valid.device)


@masks.register("stride")
def _stride(latents: Tensor, valid: Tensor, wanted: Tensor, generator: torch.Generator) -> Tensor:
    """Take a token where a ramp of slope wanted / count, which starts at random, passes a whole number."""
    start = torch.rand(len(valid), 1, generator=generator, dtype=torch.float64).to(valid.device)
    slope = wanted[:, None].double() / valid.sum(1, keepdim=True).clamp(min=1)
    ramp = (valid.cumsum(1) * slope + start).floor()
    return (ramp - ((valid.cumsum(1) - 1) * slope + start).floor()).double()


@masks.register("velocity")
def _velocity(latents: Tensor, valid: Tensor, wanted: Tensor, generator: torch.Generator) -> Tensor:
    step = (latents[:, 1:] - latents[:, :-1]).norm(dim=-1) * (valid[:, 1:] & valid[:, :-1])
    speed = torch.nn.functional.pad(step, (1, 0)) + torch.nn.functional.pad(step, (0, 1))
    scale = speed.amax(1, keepdim=True).clamp(min=1e-9)
    return speed / scale + 1e-6 * torch.rand(valid.shape, generator=generator).to(valid.device)
