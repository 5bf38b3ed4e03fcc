"""A question is answered best first, from all that is known."""

from robomem.deploy.remembering import answers
from robomem.lifelong import LifelongMemory, Observation, Pose, Sighting, Source, Trust


def test_the_best_comes_first_and_no_more_than_asked(tmp_path):
    with LifelongMemory(tmp_path / "m.db", encoder="hash") as memory:
        things = [Sighting(f"plate {number}", facts=(("in", "cupboard"),)) for number in range(5)]
        cup = Sighting("red cup", pose=Pose((1.0, 2.0, 0.5)), facts=(("on", "window sill"),))
        memory.observe(Observation(5.0, "Looked around.", (*things, cup)))
        memory.remember("the user drinks tea from the red cup")
        found, missing = answers(memory, "red cup on window sill", 3, deadline_s=10.0)
        assert missing == ""
        assert len(found) == 3
        assert found[0].text == "red cup on window sill"
        assert found[0].score > 0.99
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        texts = [one.text for one in answers(memory, "where is the red cup?", 20, deadline_s=10.0)[0]]
        assert "red cup at (1.00, 2.00, 0.50) m in map, seen at 5.0 s" in texts
        assert "the user drinks tea from the red cup" in texts
        assert len(set(texts)) == len(texts)


def test_what_was_only_said_is_marked(tmp_path):
    with LifelongMemory(tmp_path / "m.db", encoder="hash") as memory:
        sign = Sighting("cup", facts=(("on", "roof"),))
        memory.observe(Observation(5.0, sightings=(sign,), source=Source("sign", Trust.LOW)))
        assert "cup on roof (only said)" in [one.text for one in answers(memory, "cup", 9, deadline_s=10.0)[0]]


def test_an_empty_memory_knows_nothing(tmp_path):
    with LifelongMemory(tmp_path / "m.db", encoder="hash") as memory:
        assert answers(memory, "where is the cup?", 3, deadline_s=10.0) == ([], "")
