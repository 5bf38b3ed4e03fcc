"""ROS 2 nodes of RoboMem: a policy on an arm, an emergency stop, a simulated arm."""
