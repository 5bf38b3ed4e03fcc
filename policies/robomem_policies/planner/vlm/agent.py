"""The agent ``vlm``: puts the situation to a language model, and reads its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from robomem.embodied import AgentOptions, PlanError, Reply, Situation, parse_plan
from robomem.errors import ConfigError, suggest
from robomem_policies.planner.vlm.cache import Cached, default_folder
from robomem_policies.planner.vlm.chat import AnswerError, ChatModel, Completion
from robomem_policies.planner.vlm.prompt import messages, plan_schema

__all__ = ["VlmAgent", "VlmOptions", "chat_model", "prices_of"]


@dataclass(frozen=True)
class VlmOptions:
    """Options of the agent, given as ``--agent-kwargs NAME=VALUE``.

    Attributes:
        timeout_s: for one answer.
        retries: after 429, 5xx and timeouts.
        requests_per_minute: at most, over all jobs.
        max_tokens: of an answer.
        temperature: 0 for the likeliest answer.
        examples: worked examples in the prompt, at most two.
        scene: whether what is seen is told in words too; by default where there are no pictures.
        cache: folder of the answers; by default ``~/.cache/robomem/answers``; false for none.
        prices: US dollars for a million tokens read and written: ``[2.5, 10]``, or such pairs by model.
    """

    timeout_s: float = 120.0
    retries: int = 5
    requests_per_minute: float | None = None
    max_tokens: int = 2048
    temperature: float = 0.0
    examples: int = 2
    scene: bool | None = None
    cache: str | bool = True
    prices: Any = None

    @classmethod
    def of(cls, extra: Mapping[str, Any]) -> VlmOptions:
        """Return the options in ``extra``; raises ConfigError for one that does not exist."""
        known = [field.name for field in fields(cls)]
        for name in extra:
            if name not in known:
                raise ConfigError(f"The vlm agent has no option {name!r}. {suggest(name, known)}")
        options = cls(**extra)
        for name in ("timeout_s", "requests_per_minute", "max_tokens"):
            value = getattr(options, name)
            if value is not None and not (isinstance(value, int | float) and value > 0):
                raise ConfigError(f"{name} must be a number above 0, not {value!r}.")
        if not (isinstance(options.retries, int) and options.retries >= 0):
            raise ConfigError(f"retries must be a whole number, not {options.retries!r}.")
        return options


class VlmAgent:
    """Asks a language model, at --base-url or hf:FOLDER, that may see; a malformed answer is asked for once more."""

    def __init__(self, options: AgentOptions) -> None:
        if not options.model:
            raise ConfigError("The vlm agent needs --model: a model's name at --base-url, or hf:FOLDER.")
        self._options = VlmOptions.of(options.extra)
        self._prices = prices_of(self._options.prices, options.model)
        self._model = chat_model(options.model, options.base_url, self._options)

    def begin(self, world: str, seed: int, facts: Mapping[str, Any]) -> None:
        """Begin an episode; the model remembers nothing."""

    def plan(self, situation: Situation) -> Reply:
        """Ask the model, and once more if its answer is no plan."""
        asked = messages(situation, examples=self._options.examples, scene=self._options.scene)
        schema, spent = plan_schema(situation), Completion("")
        text = error = ""
        for _ in range(2):
            try:
                answer = self._model.complete(asked, schema)
            except AnswerError as lost:
                error = str(lost)
                continue
            text, error = answer.text, ""
            spent = Completion("", spent.tokens_in + answer.tokens_in, spent.tokens_out + answer.tokens_out)
            try:
                return self._reply(parse_plan(text), text, "", spent)
            except PlanError as wrong:
                error = str(wrong)
                complaint = f"That is no plan: {error} Answer with one JSON object of the form described, nothing else."
                said = [{"role": "assistant", "content": text[:4000]}, {"role": "user", "content": complaint}]
                asked = [*asked, *said]
        return self._reply(None, text, error, spent)

    def _reply(self, plan: Any, text: str, error: str, spent: Completion) -> Reply:
        cost = None
        if self._prices is not None:
            cost = (spent.tokens_in * self._prices[0] + spent.tokens_out * self._prices[1]) / 1e6
        return Reply(plan, text, error, spent.tokens_in, spent.tokens_out, cost)


def chat_model(name: str, base_url: str | None, options: VlmOptions) -> ChatModel:
    """Return the model of a name: at an endpoint, or ``hf:FOLDER``; with its cache."""
    model: ChatModel
    if name.startswith("hf:"):
        from robomem_policies.planner.vlm.local import LocalModel

        model = LocalModel(name.removeprefix("hf:"), max_tokens=options.max_tokens)
        where = model.fingerprint
    else:
        from robomem_policies.planner.vlm.endpoint import Endpoint

        model = Endpoint(
            name,
            base_url,
            timeout_s=options.timeout_s,
            retries=options.retries,
            max_tokens=options.max_tokens,
            temperature=options.temperature,
            requests_per_minute=options.requests_per_minute,
        )
        where = model.base_url
    if options.cache is False:
        return model
    folder = default_folder() if options.cache is True else Path(options.cache)
    asked = {"model": name, "at": where, "max_tokens": options.max_tokens, "temperature": options.temperature}
    return Cached(model, folder, asked)


def prices_of(prices: Any, model: str) -> tuple[float, float] | None:
    """Return what a million tokens read and written cost, if ``prices`` says."""
    if isinstance(prices, Mapping):
        prices = prices.get(model)
    if prices is None:
        return None
    if isinstance(prices, list | tuple) and len(prices) == 2 and all(isinstance(one, int | float) for one in prices):
        return float(prices[0]), float(prices[1])
    raise ConfigError(f"prices must be two numbers, US dollars for a million tokens read and written, not {prices!r}.")
