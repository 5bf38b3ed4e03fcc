"""A memory as a file that other programs read, and back: JSON lines (everything) and GraphML (the graph)."""

from robomem.lifelong.portable.dump import dump_records, write_jsonl
from robomem.lifelong.portable.graphml import read_graphml, write_graphml
from robomem.lifelong.portable.load import Loaded, load_records, read_jsonl

__all__ = ["Loaded", "dump_records", "load_records", "read_graphml", "read_jsonl", "write_graphml", "write_jsonl"]
