"""A pre-trained vision-language model as the encoder of MemoryVLA.

Letters in shapes: M frames, V views, N perceptual tokens, T text tokens, d numbers of proprioception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from robomem.errors import ConfigError
from robomem_policies.memory_vla.encoders.hub.families import family_of, parts_of, row_major
from robomem_policies.memory_vla.encoders.hub.loading import load
from robomem_policies.memory_vla.encoders.hub.prompts import PROMPT, Prompts
from robomem_policies.memory_vla.encoders.hub.tuning import apply_freeze, keep_layers
from robomem_policies.memory_vla.encoders.saving import take
from robomem_policies.memory_vla.encoders.views import check_frames

__all__ = ["HubEncoder"]


class HubEncoder(nn.Module):
    """Raw perceptual tokens from the vision tower, the cognitive token from the language model's last position.

    The cognitive token is the hidden state at the end of the prompt (Shi et al. 2025), plus a linear map of
    proprioception that starts at zero. Its image processor and tokenizer prepare the inputs; placeholders are laid out
    here, so that neither torchvision nor num2words is needed, which some of the processors ask for because of video.

    Args:
        model: a folder, or OWNER/NAME of the hub.
        views: (height, width) by name.
        proprio_width: d; 0 for none.
        revision: of the hub.
        fingerprint: of the folder, as ``config`` said it.
        freeze: all, none, lora-R or last-K; see ``apply_freeze``.
        layer: how many layers of the language model are used; ``"half"`` is SmolVLA's choice; None is all.
        perceptual: tokens ``"before"`` or ``"after"`` the projector to the language model.
        prompt: with ``{instruction}`` in it.
        images: keywords for the image processor, e.g. a smaller ``size``.
        dtype: of the weights: auto (as stored), float32, bfloat16, float16. What leaves is float32.

    Raises:
        ConfigError: the model cannot be loaded or used, or a field is out of range.
        UnknownNameError: its family is not known here.
    """

    def __init__(
        self,
        model: str,
        views: Mapping[str, tuple[int, int]],
        proprio_width: int,
        *,
        revision: str | None = None,
        fingerprint: str | None = None,
        freeze: str = "all",
        layer: int | str | None = None,
        perceptual: str = "before",
        prompt: str = PROMPT,
        images: Mapping[str, Any] | None = None,
        dtype: str = "auto",
    ) -> None:
        super().__init__()
        if perceptual not in ("before", "after"):
            raise ConfigError(f"perceptual must be 'before' or 'after' the projector, not {perceptual!r}.")
        loaded = load(model, revision=revision, fingerprint=fingerprint, dtype=dtype)
        self.model, self._processor = loaded.model, loaded.images
        self.name = f"hub:{model}"
        self.sizes, self.proprio_width, self.perceptual, self.freeze = dict(views), proprio_width, perceptual, freeze
        self._fields = {
            "revision": loaded.revision,
            "fingerprint": loaded.fingerprint,
            "freeze": freeze,
            "layer": layer,
            "perceptual": perceptual,
            "prompt": prompt,
            "images": None if images is None else dict(images),
            "dtype": dtype,
        }
        config: Any = self.model.config
        self._family = family_of(config)
        self._settings = {**self._family.settings(self._processor), **(images or {})}
        parts = parts_of(self.model)
        keep_layers(parts.language, layer)
        apply_freeze(self.model, parts, freeze)
        (rows, columns), merge = self._patches(config), self._family.merge(config)
        window = self._family.window(config)
        step = 1 if perceptual == "before" else merge
        self.grid = (len(views), rows // step, columns // step)
        self.tokens = self.grid[0] * self.grid[1] * self.grid[2]
        self._order = row_major(rows // step, columns // step, merge // step, window)
        text = config.get_text_config()
        self.cognition = int(text.hidden_size)
        self._image_token = int(config.image_token_id)
        places = [rows * columns // merge**2] * len(views)
        longest = int(text.max_position_embeddings)
        self._prompts = Prompts(loaded.tokenizer, self._family, self._image_token, places, prompt, longest)
        self.proprio = nn.Linear(proprio_width, self.cognition) if proprio_width else None
        if self.proprio is not None:
            nn.init.zeros_(self.proprio.weight)
            nn.init.zeros_(self.proprio.bias)
        self.width = self._family.width(config) if perceptual == "before" else self.cognition

    def forward(
        self, views: Mapping[str, Tensor], proprio: Tensor | None, texts: Sequence[str]
    ) -> tuple[Tensor, Tensor]:
        """Encode M frames; see ``VisionLanguageEncoder``."""
        self.check(views, proprio, texts)
        raw, cognition = self.look(views, texts)
        return raw, self.with_proprio(cognition, proprio)

    def check(self, views: Mapping[str, Tensor], proprio: Tensor | None, texts: Sequence[str]) -> None:
        """Raise SpaceError or DataError where the inputs of ``forward`` are not what the encoder was made for."""
        check_frames(views, self.sizes, proprio, self.proprio_width, texts)
        self._prompts.check(texts)

    def look(self, views: Mapping[str, Tensor], texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return what the model says of M frames that were checked, proprioception not yet added."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.freeze != "all"):
            return self._model_outputs(views, len(texts), texts)

    def with_proprio(self, cognition: Tensor, proprio: Tensor | None) -> Tensor:
        """Add proprioception [M, d] to cognitive tokens [M, 1, cognition]."""
        if self.proprio is None or proprio is None:
            return cognition
        result: Tensor = cognition + self.proprio(proprio.to(cognition))[:, None]
        return result

    def train(self, mode: bool = True) -> HubEncoder:
        """Set the mode; a frozen model stays in evaluation mode."""
        super().train(mode)
        if self.freeze == "all":
            self.model.eval()
        return self

    def learn(self, texts: Sequence[str]) -> None:
        """Check the instructions; the model reads any."""
        self._prompts.check(texts)

    def config(self) -> dict[str, Any]:
        """Return the fields with which ``make`` builds it again: the same commit of the hub, or the same folder."""
        return dict(self._fields)

    def saved(self) -> dict[str, Tensor]:
        """Return what learns; what is frozen comes from the hub or the folder again. In float32."""
        return {name: value.detach().float() for name, value in self.named_parameters() if value.requires_grad}

    def restore(self, arrays: Mapping[str, Tensor]) -> None:
        """Take what ``saved`` returned."""
        take(self, arrays, self.saved())

    def _model_outputs(self, views: Mapping[str, Tensor], frames: int, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        device, dtype = self.model.device, self.model.dtype
        pixels = {
            name: value.to(device, dtype if value.is_floating_point() else None)
            for name, value in self._pixels(views, list(self.sizes)).items()
        }
        ids, mask = (value.to(device) for value in self._prompts(texts))
        last = mask.sum(1) - 1
        types = self._family.types(ids == self._image_token)
        through: list[Tensor] = []

        def keep(module: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
            through.append(given[0] if self.perceptual == "before" else made)

        handle = parts_of(self.model).projector.register_forward_hook(keep)
        try:
            outputs = self.model(input_ids=ids, attention_mask=mask, use_cache=False, **types, **pixels)
        finally:
            handle.remove()
        raw = through[0].reshape(frames * len(self.sizes), -1, through[0].shape[-1])[:, self._order.to(device)]
        hidden = outputs.last_hidden_state[torch.arange(frames, device=device), last]
        return raw.reshape(frames, self.tokens, -1).float(), hidden[:, None].float()

    def _pixels(self, views: Mapping[str, Tensor], names: Sequence[str]) -> dict[str, Tensor]:
        frames = [list(frame) for frame in zip(*(views[name].cpu().numpy() for name in names))]
        images: Any = frames if self._family.nested else [image for frame in frames for image in frame]
        settings = {**self._settings, "return_tensors": "pt", "input_data_format": "channels_last"}
        made: Mapping[str, Any] = self._processor(images=images, **settings)
        return {name: value for name, value in made.items() if torch.is_tensor(value)}

    def _patches(self, config: Any) -> tuple[int, int]:
        found = set()
        for name, (height, width) in self.sizes.items():
            black = {name: torch.zeros(1, height, width, 3, dtype=torch.uint8)}
            found.add(self._family.side(self._pixels(black, [name]), config))
        if len(found) > 1:
            raise ConfigError(f"The views give different grids of patches, {sorted(found)}; record them in one size.")
        return found.pop()
