"""Episodes on disk as LeRobotDataset v3: parquet and mp4, written so that a crash loses at most the one in hand."""

from robomem.data.features import Feature, numbers, picture
from robomem.data.reader import Dataset
from robomem.data.verify import Finding, verify
from robomem.data.writer import DatasetWriter

__all__ = ["Dataset", "DatasetWriter", "Feature", "Finding", "numbers", "picture", "verify"]
