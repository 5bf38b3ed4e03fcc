"""Agents that plan with skills: they answer an instruction with a list of actions."""
