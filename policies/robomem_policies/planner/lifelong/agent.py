"""The agent ``planner``."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

from robomem.embodied import AgentOptions, Plan, Reply, Situation
from robomem.lifelong.recollection import Recollection
from robomem.lifelong.roles import Roles
from robomem_policies.planner.lifelong import recalling
from robomem_policies.planner.lifelong.by_model import ModelRoles, Speaker
from robomem_policies.planner.lifelong.closed_loop import ClosedLoop, Decision
from robomem_policies.planner.lifelong.episode import Episode
from robomem_policies.planner.lifelong.memory_roles import MemoryRoles
from robomem_policies.planner.lifelong.options import PlannerOptions
from robomem_policies.planner.lifelong.preferences import about, fill_in, told_preference
from robomem_policies.planner.lifelong.preprocessor import Preprocessor
from robomem_policies.planner.lifelong.roles import Outlook
from robomem_policies.planner.lifelong.scene import read_scene
from robomem_policies.planner.lifelong.session import Session, Trial
from robomem_policies.planner.lifelong.stand_in import StandIn
from robomem_policies.planner.rules.agent import RulesAgent
from robomem_policies.planner.rules.beliefs import Beliefs
from robomem_policies.planner.rules.course import Course
from robomem_policies.planner.rules.navigator import can_navigate
from robomem_policies.planner.rules.skillbook import read_skills
from robomem_policies.planner.rules.tokens import Lexer
from robomem_policies.planner.vlm.agent import chat_model, prices_of

__all__ = ["LifelongPlanner"]

SHOWN = 1_500


class LifelongPlanner:
    """Plans with what it remembers of earlier visits, and criticises each step of a plan before it is taken.

    A suite executes what an agent answers until something fails. So that each later action can be criticised against
    the newest observation, the plan stays here and each answer is one action: a call of the planner is a step, and not
    a plan. Rules play every role, or the language model of ``--model`` does, and rules where it fails. Where actions
    are strides or numbers it plans as ``rules``.
    """

    def __init__(self, options: AgentOptions) -> None:
        self._options = own = PlannerOptions.of(options)
        self._plain = RulesAgent(options)
        self._speaker: Speaker | None = None
        self._prices = None
        if options.model:
            self._speaker = Speaker(chat_model(options.model, options.base_url, own.model))
            self._prices = prices_of(own.model.prices, options.model)
        self.stand_in = StandIn(own.deadline_s)
        self._session: Session | None = None
        if own.without is not None:
            roles = MemoryRoles(self._speaker, lambda: self.stand_in.resting).all() if self._speaker else Roles()
            self._session = Session(own.path, own.encoder, own.without, roles, own.deadline_s)
            weakref.finalize(self, self._session.close)
        model = ModelRoles(self._speaker) if self._speaker else None
        self._preprocessor = Preprocessor(self._session, self.stand_in, model)
        self._loop = ClosedLoop(self.stand_in, model, own.critic)
        self._visit: tuple[str, int] = ("", 0)
        self._episode: Episode | None = None

    def begin(self, world: str, seed: int, facts: Mapping[str, Any]) -> None:
        """Begin an episode; the last one is then over."""
        self._plain.begin(world, seed, facts)
        self._visit, self._episode = (world, int(facts.get("day", 0))), None

    def plan(self, situation: Situation) -> Reply:
        """Answer with the next action; with an empty plan when done or at a loss."""
        if not situation.skills or can_navigate(situation.skills) or "scene" not in situation.observation:
            return self._plain.plan(situation)
        beliefs = self._episode.beliefs if self._episode else Beliefs(read_skills(situation.skills))
        try:
            scene = read_scene(situation.observation["scene"])
            beliefs.see(str(situation.observation["scene"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return self._reply(Decision(None, f"I cannot read the scene: {error!r}."), (), Recollection())
        if self._episode is None:
            self._episode, recollection = self._start(situation, scene, beliefs)
        else:
            done = self._episode.hear(situation.history)
            recollection = self._preprocessor.take_in(self._episode.task, done, scene)
        episode = self._episode
        decision = self._loop.next(episode, Outlook(situation, episode.task, scene, recollection))
        notices, episode.notices = tuple(episode.notices), []
        if decision.action is None:
            episode.give_up(decision.why)
        else:
            episode.take(decision.action, situation, scene)
        return self._reply(decision, notices, recollection)

    def _start(self, situation: Situation, scene: Mapping[str, Any], beliefs: Beliefs) -> tuple[Episode, Recollection]:
        """Take the first observation in, and recall what bears on the task before anything is planned."""
        lexer = Lexer(beliefs.book)
        trial = Trial(situation.instruction)
        if self._session is not None:
            self._session.begin(*self._visit)
            trial = self._session.attempt(situation.instruction)
            told = told_preference(situation.instruction)
            if told is not None and about(told, lexer):
                self._session.tell(str(told))
        self._preprocessor.begin(_kinds(situation.instruction, lexer))
        recollection = self._preprocessor.take_in(situation.instruction, None, scene)
        liked = recalling.known_preferences(recollection.semantic)
        task, understood = fill_in(situation.instruction, liked, lexer)
        course = Course(task, beliefs, recalling.warnings_of(recollection.episodic, beliefs.book))
        episode = Episode(task, beliefs, course, trial)
        episode.notices += [understood] if understood else []
        if self._session is not None:
            recalling.recall_furniture(beliefs, self._session)
            expected = recalling.expect_things(beliefs, course.kinds, self._session)
            episode.notices += [f"I expect: {', '.join(expected)[:500]}"] if expected else []
        return episode, recollection

    def _reply(self, decision: Decision, notices: tuple[str, ...], recollection: Recollection) -> Reply:
        action, notes = decision.action, self.stand_in.take_notes()
        if self._session is not None:
            notes += self._session.take_notes()
        thoughts = {"language_plan" if action else "reasoning_and_reflection": decision.why}
        thoughts |= {"notices": " | ".join(notices)} if notices else {}
        thoughts |= {"degraded": " | ".join(notes)} if notes else {}
        known = recollection.as_text()[:SHOWN] if decision.planned else ""
        thoughts |= {"memory": known} if known else {}
        text = ". ".join([*notices, f"{action.name}: {decision.why}" if action else decision.why, *notes])
        plan = Plan((action,) if action else (), thoughts)
        if self._speaker is None:
            return Reply(plan, text)
        spent, cost = self._speaker.take_spent(), None
        if self._prices is not None:
            cost = (spent.tokens_in * self._prices[0] + spent.tokens_out * self._prices[1]) / 1e6
        return Reply(plan, text, "", spent.tokens_in, spent.tokens_out, cost)


def _kinds(instruction: str, lexer: Lexer) -> frozenset[str]:
    """Return the kinds of things that an instruction names, whether or not the rest of it is understood."""
    named = [token.value for token in lexer.read(instruction) if token.kind == "noun"]
    return frozenset(kind for one in named if isinstance(one, frozenset) for kind in one) & lexer.thing_kinds
