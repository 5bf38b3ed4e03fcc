"""Action chunks are the action column, shifted, and say what is not to be imitated."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from robomem.data.imitation.chunks import chunks


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 12), st.data())
def test_chunks_are_the_actions_until_the_end(lengths, size, data):
    total = sum(lengths)
    action = np.arange(2.0 * total).reshape(total, 2)
    end = np.repeat(np.cumsum(lengths), lengths)
    imitate = np.array(data.draw(st.lists(st.booleans(), min_size=total, max_size=total)))
    chunk, valid = chunks(action, imitate, end, np.arange(total), size)
    assert chunk.shape == (total, size, 2)
    for frame in range(total):
        for ahead in range(size):
            assert (chunk[frame, ahead] == action[min(frame + ahead, end[frame] - 1)]).all()
            inside = frame + ahead < end[frame]
            assert valid[frame, ahead] == (inside and imitate[frame : frame + ahead + 1].all())


def test_the_way_back_is_imitated_and_the_way_astray_is_not():
    imitate = np.array([True, True, False, False, True, True])
    _, valid = chunks(np.zeros((6, 1)), imitate, np.full(6, 6), np.arange(6), 3)
    assert valid.astype(int).tolist() == [[1, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0], [1, 1, 0], [1, 0, 0]]
