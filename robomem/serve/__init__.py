"""Agents behind an OpenAI-compatible address, so that EmbodiedBench's own evaluators can ask them."""

from robomem.serve.errors import RequestError
from robomem.serve.request import PlanRequest, parse_request
from robomem.serve.server import make_app

__all__ = ["PlanRequest", "RequestError", "make_app", "parse_request"]
