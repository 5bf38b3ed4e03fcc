"""Episodes: make environments by name, play policies in them, film them."""

from robomem.rollout.actors import Actor, PolicyActor, as_actor, sanity_actors
from robomem.rollout.environments import environment_names, make_vector, resolve
from robomem.rollout.play import EpisodeRow, play, play_in
from robomem.rollout.video import film

__all__ = [
    "Actor",
    "EpisodeRow",
    "PolicyActor",
    "as_actor",
    "environment_names",
    "film",
    "make_vector",
    "play",
    "play_in",
    "resolve",
    "sanity_actors",
]
