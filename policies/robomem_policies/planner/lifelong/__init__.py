"""The agent ``planner``: plans with what it remembers of earlier visits, and criticises each step before it is taken."""
