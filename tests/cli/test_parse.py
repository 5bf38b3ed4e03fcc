from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.cli.parse import each_value, parse, parse_pairs
from robomem.errors import ConfigError


@dataclass(frozen=True)
class Inner:
    """Inner."""

    rate: float = 0.5
    """A rate."""


@dataclass(frozen=True)
class Command:
    """A command."""

    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments."""
    inner: Inner = field(default_factory=Inner)
    """Nested."""
    loud: bool = False
    """A flag."""


def test_dotted_names_flags_and_pairs() -> None:
    argv = ["--inner.rate", "1e-3", "--loud", "--env-kwargs", "delay=20", "robot=so101", "size=[1, 2]", "scale=1e-3"]
    command = parse(Command, "test", argv)
    assert command == Command({"delay": 20, "robot": "so101", "size": [1, 2], "scale": 1e-3}, Inner(1e-3), True)
    assert parse(Command, "test", ["--env-kwargs", "a=1"], Command({"b": 2})).env_kwargs == {"a": 1}
    assert parse(Command, "test", [], Command({"b": 2})).env_kwargs == {"b": 2}


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.text("abc_", min_size=1),
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.lists(st.integers(), max_size=3),
    )
)
def test_pairs_carry_json(pairs: dict[str, Any]) -> None:
    assert parse_pairs([f"{name}={json.dumps(value)}" for name, value in pairs.items()]) == pairs


def test_values_stand_between_commas_or_in_a_list_or_alone() -> None:
    pairs = parse_pairs(
        [
            "delay=10,20",
            "size=[1, 2]",
            "robot=so101,ur5e",
            "swaps=2",
            "loud=true",
            "mixed=1,on,null",
            'at={"x": 1, "y": 2}',
        ]
    )
    assert each_value(pairs) == {
        "delay": [10, 20],
        "size": [1, 2],
        "robot": ["so101", "ur5e"],
        "swaps": [2],
        "loud": [True],
        "mixed": [1, "on", None],
        "at": [{"x": 1, "y": 2}],
    }


@pytest.mark.parametrize("word", ["delay", "=3", ""])
def test_what_is_no_pair_is_refused(word: str) -> None:
    with pytest.raises(ConfigError, match="no NAME=VALUE pair"):
        parse_pairs([word])


def test_text_is_never_evaluated() -> None:
    assert parse_pairs(["a=__import__('os').getcwd()"]) == {"a": "__import__('os').getcwd()"}


def test_an_option_given_twice_is_refused_since_the_first_would_be_lost() -> None:
    with pytest.raises(ConfigError, match="--env-kwargs given more than once"):
        parse(Command, "test", ["--env-kwargs", "a=1", "--env-kwargs", "b=2"])


def test_an_unknown_option_exits_with_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(Command, "test", ["--inner.rat", "3"])
    assert stop.value.code == 2
    assert "--inner.rate" in capsys.readouterr().err
