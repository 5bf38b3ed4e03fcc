"""Where robomem_msgs is not built the memory node says so; what it hears and answers are tested in the workspace."""

import pytest

pytestmark = pytest.mark.ros


def test_the_memory_node_says_what_it_needs_and_ends(stack, tmp_path):
    process = stack.start("memory", memory=str(tmp_path / "kitchen.db"), encoder="hash", autostart=True)
    stack.until(lambda: process.poll() is not None, "the memory node to end")
    assert process.returncode == 2
    assert "needs robomem_msgs: colcon build" in stack.log("memory")
    assert not (tmp_path / "kitchen.db").exists()
