"""Compression of perceptual tokens against its equations."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.errors import ConfigError
from robomem_policies.memory_vla.encoders import Compress


@settings(deadline=None, max_examples=25)
@given(
    views=st.integers(1, 3),
    rows=st.integers(1, 6),
    columns=st.integers(1, 6),
    width=st.integers(1, 40),
    output=st.integers(1, 16),
    frames=st.integers(1, 4),
    data=st.data(),
)
def test_it_is_the_equations_then_the_average(views, rows, columns, width, output, frames, data) -> None:
    pool = data.draw(st.none() | st.integers(1, min(rows, columns)))
    torch.manual_seed(width)
    compress = Compress((views, rows, columns), width, output, reduction=4, pool=pool).double()
    raw = torch.randn(frames, views * rows * columns, width, dtype=torch.float64)
    z = (raw @ compress.reduce[0].weight.T).relu()
    squeeze, excite, expand = compress.gate[0], compress.gate[2], compress.expand
    s = torch.sigmoid((z.mean(1) @ squeeze.weight.T + squeeze.bias).relu() @ excite.weight.T + excite.bias)
    p = (z * s[:, None]) @ expand.weight.T + expand.bias
    if pool is not None:
        side = torch.nn.functional.adaptive_avg_pool2d
        grid = p.view(frames, views, rows, columns, output)
        pooled = [side(grid[:, view].permute(0, 3, 1, 2), pool).flatten(2).transpose(1, 2) for view in range(views)]
        p = torch.cat(pooled, 1)
    result = compress(raw)
    assert result.shape == (frames, compress.tokens, compress.width)
    torch.testing.assert_close(result, p)


def test_it_is_linear_in_no_frame_but_its_own() -> None:
    compress = Compress((1, 4, 4), 16, 8, pool=2)
    raw = torch.randn(3, 16, 16)
    other = raw.clone()
    other[1:] += 1
    assert torch.equal(compress(raw)[0], compress(other)[0])
    assert not torch.allclose(compress(raw)[1], compress(other)[1])


def test_the_paper_sizes() -> None:
    compress = Compress((1, 16, 16), 2176, 256, hidden=512)
    assert compress.gate[0].out_features == 32
    assert compress.reduce[0].bias is None
    assert compress(torch.randn(1, 256, 2176)).shape == (1, 256, 256)


@pytest.mark.parametrize("kwargs", [{"pool": 5}, {"pool": 0}, {"hidden": 0}, {"reduction": 0}, {"output": 0}])
def test_sizes_out_of_range(kwargs: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="Compress"):
        Compress((1, 4, 4), 16, **{"output": 8, **kwargs})
