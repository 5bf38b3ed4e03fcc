"""A language model plans with the named skills of an arm: it is told what was recalled; rules go on where it fails."""

import json

import pytest
from openai_stub import Answer, openai_stub, says

from robomem.deploy import read
from robomem.deploy.skills import Ended, Errand, Recalled, parse_skills
from robomem.embodied import AgentOptions, agents
from robomem_bridge.contracts import find

pytest.importorskip("openai")
SKILLS = ("go left", "go right")
TABLE = parse_skills(
    {"skills": {name: {"joints": {}, "timeout_s": 5} for name in SKILLS}}, "skills", read(find("so101_recall_reach"))
)


class World:
    """Every skill works."""

    def __init__(self):
        self.ran = []

    def asked_to_end(self):
        return ""

    def recall(self, query):
        return Recalled(("the cup stood on the right",))

    def run(self, skill):
        self.ran.append(skill.name)
        return Ended(True, "done")

    def place(self):
        return ""

    def tell(self, skill, ended, place):
        return ""

    def thinks(self, skill, why, done):
        pass


@pytest.mark.parametrize("answers", [[says(1), says()], [Answer("I would go."), Answer("Well."), says(1), says()]])
def test_a_model_chooses_skills_by_what_was_recalled(monkeypatch, answers):
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    with openai_stub() as stub:
        stub.answers = list(answers)
        options = AgentOptions(model="some-model", base_url=stub.url, extra={"cache": False, "retries": 0})
        world = World()
        done = Errand(agents["vlm"](options), agents["named-skills"](AgentOptions()), TABLE, world).do("to the cup")
        asked = json.dumps(stub.requests[0])
    assert "the cup stood on the right" in asked
    assert all(name in asked for name in SKILLS)
    if len(answers) == 2:
        assert (done.success, done.skills, done.degraded) == (True, ("go right",), ())
    else:  # two answers without a plan: the rules were asked, who know no skill for that
        assert not done.success
        assert "no skill for “to the cup”" in done.message
        assert "rules decided" in done.degraded[0]
