"""Recall: encoder + any sequence memory + action and value heads, learnt by PPO."""
