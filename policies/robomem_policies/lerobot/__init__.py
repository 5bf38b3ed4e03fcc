"""LeRobot's policies here, and ours there. ``lerobot`` is imported when a policy of its is loaded, and not before."""
