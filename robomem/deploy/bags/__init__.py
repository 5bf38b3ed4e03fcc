"""Recordings: what the bridge's recorder writes, to data sets and back. No ROS here, only ``rosbags``."""

from robomem.deploy.bags.episode_bags import EpisodeBags
from robomem.deploy.bags.from_dataset import from_dataset
from robomem.deploy.bags.to_dataset import Converted, find_bags, to_dataset

__all__ = ["Converted", "EpisodeBags", "find_bags", "from_dataset", "to_dataset"]
