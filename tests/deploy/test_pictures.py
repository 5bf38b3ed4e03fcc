"""A camera's message becomes the picture that the contract promises, or an error that says why not."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robomem.deploy.contract import Camera, Channel
from robomem.deploy.pictures import pixels

CHANNEL = Channel("camera", 0.3)
LAYOUTS = {"rgb8": [0, 1, 2], "bgr8": [2, 1, 0], "rgba8": [0, 1, 2, 3], "bgra8": [2, 1, 0, 3]}


@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    padding=st.integers(0, 5),
    encoding=st.sampled_from(sorted(LAYOUTS)),
    seed=st.integers(0, 99),
)
def test_every_encoding_says_the_same(height, width, padding, encoding, seed):
    shown = np.random.default_rng(seed).integers(0, 256, (height, width, 4)).astype(np.uint8)
    sent = shown[..., LAYOUTS[encoding]].reshape(height, -1)
    rows = np.pad(sent, ((0, 0), (0, padding)))
    message = SimpleNamespace(height=height, width=width, step=rows.shape[1], encoding=encoding, data=rows.tobytes())
    assert np.array_equal(pixels(message, Camera(CHANNEL, width, height)), shown[..., :3])


def test_grey_and_another_size():
    data = np.full((4, 6), 77, np.uint8)
    message = SimpleNamespace(height=4, width=6, step=6, encoding="mono8", data=data.tobytes())
    assert np.array_equal(pixels(message, Camera(CHANNEL, 3, 2)), np.full((2, 3, 3), 77))


@pytest.mark.parametrize(("encoding", "size"), [("yuv422", 72), ("rgb8", 71), ("rgb8", 0)])
def test_what_is_no_picture(encoding, size):
    message = SimpleNamespace(height=4, width=6, step=18, encoding=encoding, data=bytes(size))
    with pytest.raises(ValueError, match="supported" if encoding == "yuv422" else "reshape"):
        pixels(message, Camera(CHANNEL, 6, 4))
