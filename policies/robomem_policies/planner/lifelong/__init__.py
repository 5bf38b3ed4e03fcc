"""The agent ``planner``: plans with what it remembers of earlier visits, and criticises steps before they are taken."""
