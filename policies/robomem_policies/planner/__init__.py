"""Agents that plan with skills and play suites."""
