"""Notes on what must be remembered: right, in time, and never part of what an agent perceives."""

from __future__ import annotations

import numpy as np
import pytest
from recall_suite import CONTROLS, KINDS, make

ROWS = 6
RECALL = [name for name in KINDS if name not in CONTROLS]


def played(name, **options):
    """Play the expert; return the notes and senses of every step, stacked [steps, ROWS, ...], and the environment."""
    env = make(name, ROWS, mode="Disabled", **options)
    observation, _ = env.reset(seed=list(range(ROWS)))
    notes, senses, live, ended = [], [], [], np.zeros(ROWS, bool)
    while not ended.all():
        notes.append(env.annotations())
        senses.append(observation)
        live.append(~ended)
        action = env.expert_action()
        observation, _, terminated, truncated, _ = env.step(action)
        done = (terminated | truncated) & ~ended
        ended |= done
        if done.any():  # rows that end begin anew, and are not looked at any more
            observation, _ = env.reset(options={"reset_mask": terminated | truncated})
    stack = [{key: np.stack([each[key] for each in part]) for key in part[0]} for part in (notes, senses)]
    return env, *stack, np.stack(live)


def label_of_cue(env, name, senses):
    """Return what can be seen to be the thing to remember in the first frame, [ROWS]."""
    first = {key: part[0] for key, part in senses.items()}
    if name.startswith("RememberColor"):
        return first["cubes"].reshape(ROWS, -1, 3)[..., 0].argmax(axis=1)
    if name.startswith("TakeItBack"):
        cube = first["cube"][:, None, :2] * env.task.arm.workspace[1][0]
        return np.linalg.norm(cube - env.task.discs, axis=2).argmin(axis=1)
    key = {"RecallReach": "cue", "ShellGame": "cube", "ButtonSequence": "light"}[name.split()[0].rstrip("45")]
    return first[key].argmax(axis=1)


@pytest.mark.parametrize("name", RECALL)
def test_notes_have_their_form_and_are_not_perceived(name):
    env, notes, senses, live = played(name)
    assert notes["cue"].dtype == np.int64
    assert notes["event"].dtype == bool
    assert notes["cue"].shape == notes["event"].shape == live.shape
    assert {"cue", "event"} & set(env.single_observation_space.spaces) <= {"cue"}  # RecallReach calls a sense so
    go = senses["go"][..., 0] > 0
    onset = go & ~np.roll(go, 1, axis=0)
    onset[0] = False
    assert notes["event"][onset & live].all()  # a decision is due
    assert notes["event"][0].any() or name.startswith("ButtonCount")
    waiting = ~go & live
    assert not notes["event"][waiting].all()  # and in the delay there is nothing to see
    single = make(name, 1, mode="Disabled")
    single.reset(seed=[3])
    assert single.annotations()["cue"][0] == notes["cue"][0, 3]


@pytest.mark.parametrize("name", [n for n in RECALL if not n.startswith(("ButtonCount", "ObjectPermanence"))])
def test_the_cue_is_what_is_seen(name):
    env, notes, senses, _ = played(name)
    assert (notes["cue"][0] == label_of_cue(env, name, senses)).all()
    assert len(set(notes["cue"][0].tolist())) > 1


def test_the_cube_is_tracked_through_swaps():
    env, notes, _, live = played("ShellGame", swaps=3)
    task = env.task
    for swaps in range(4):
        clock = task.cue_steps + swaps * task.swap_steps
        assert live[clock].all()
    assert (notes["cue"][0] != notes["cue"][task._still_at]).any()
    assert notes["event"][: task._still_at].all()


def test_what_is_asked_for_is_known_when_it_is_asked():
    env, notes, senses, live = played("ObjectPermanence")
    asked = senses["asked"].any(axis=-1)
    assert ((notes["cue"] >= 0) == asked)[live].all()
    shown = senses["object"].any(axis=-1)
    assert notes["event"][shown & live].all()
    for row in range(ROWS):
        wanted = senses["asked"][env.task.go_at, row].argmax()
        frame = senses["object"][: env.task.go_at, row, wanted].argmax()
        assert senses["box"][frame, row].argmax() == notes["cue"][env.task.go_at, row]


def test_flashes_are_counted_as_they_come():
    env, notes, senses, live = played("ButtonCount")
    lamp = senses["lamp"][..., 0] > 0
    begun = lamp & ~np.concatenate([np.zeros((1, ROWS), bool), lamp[:-1]])
    waiting = slice(0, env.task.go_at)
    assert (np.cumsum(begun, axis=0)[waiting] == notes["cue"][waiting]).all()
    assert notes["event"][lamp & live].all()


@pytest.mark.parametrize("name", ["ButtonCount", "ButtonSequence3"])
def test_what_goes_on_is_what_is_sensed_and_has_words(name):
    env, notes, senses, live = played(name)
    going, go = notes["happening"], senses["go"][..., 0] > 0
    if name == "ButtonCount":
        expected = np.where(senses["lamp"][..., 0] > 0, 1, np.where(senses["pressed"][..., 0] > 0, 2, 0))
    else:
        light, buttons = senses["light"], senses["light"].shape[-1]
        expected = np.where(light.any(-1), 1 + light.argmax(-1) + np.where(go, buttons, 0), 0)
    assert (going == expected)[live].all()
    assert set(going[live].tolist()) == set(range(len(env.happenings) + 1))


@pytest.mark.parametrize("name", CONTROLS)
def test_where_nothing_need_be_remembered_there_are_no_notes(name):
    assert make(name, 1, mode="Disabled").annotations() == {}
