"""Columns of numbers, texts and PNGs in parquet, with the types that LeRobot gives them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from robomem.data.features import Feature
from robomem.errors import DataError, RobomemError
from robomem.serialization import write_atomically

if TYPE_CHECKING:
    import pyarrow

__all__ = ["arrow", "column", "png", "read_table", "write_table"]


def arrow() -> Any:
    """Return pyarrow, which takes half a second to import.

    Raises:
        RobomemError: it is not installed.
    """
    try:
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError as error:
        raise RobomemError("Data sets need pyarrow: pip install 'robomem[data]'.") from error
    return pyarrow


def write_table(path: Path, features: Mapping[str, Feature], columns: Mapping[str, Sequence[Any]]) -> None:
    """Write frames, atomically: a scalar a row for one number, else lists of fixed length; PNGs as Hugging Face does.

    Args:
        path: of the parquet file.
        features: of the columns.
        columns: one value a frame, as ``check_frame`` returns them; PNGs as bytes.

    Raises:
        StorageError: it cannot be written.
    """
    pa = arrow()
    made = {}
    for name, feature in features.items():
        if feature.dtype == "image":
            values = [{"bytes": data, "path": None} for data in columns[name]]
            made[name] = pa.array(values, pa.struct({"bytes": pa.binary(), "path": pa.string()}))
            continue
        made[name] = pa.array(np.asarray(columns[name]).ravel())
        for size in reversed(feature.shape if feature.shape != (1,) else ()):
            made[name] = pa.FixedSizeListArray.from_arrays(made[name], size)
    buffer = io.BytesIO()
    pa.parquet.write_table(pa.table(made), buffer, compression="snappy")
    write_atomically(path, buffer.getvalue())


def read_table(path: Path, columns: list[str] | None = None, episode: int | None = None) -> pyarrow.Table:
    """Read a parquet file.

    Args:
        path: of the file.
        columns: to read; None for all.
        episode: whose rows to read; None for all.

    Raises:
        DataError: it is missing, truncated or none.
    """
    pa = arrow()
    if not path.is_file():
        raise DataError(f"{path} is missing.")
    try:
        with pa.parquet.ParquetFile(path) as file:
            if file.num_row_groups == 1:  # ours, all small: handing them to threads and back takes longer than reading
                wanted = None if columns is None else [*columns, *["episode_index"] * (episode is not None)]
                table = file.read(wanted, use_threads=False)
                return table if episode is None else table.filter(pa.compute.field("episode_index") == episode)
        filters = None if episode is None else [("episode_index", "=", episode)]
        return pa.parquet.read_table(path, partitioning=None, columns=columns, filters=filters)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise DataError(f"{path} is damaged or no parquet file: {str(error).splitlines()[0]}") from error


def column(table: pyarrow.Table, name: str, feature: Feature, where: object) -> npt.NDArray[Any]:
    """Return a column as an array [T, ...]; pictures are decoded.

    Args:
        table: read from parquet.
        name: of the column.
        feature: what it should be.
        where: said in errors.

    Raises:
        DataError: it is missing, has holes, or other types or shapes than the feature says.
    """
    if name not in table.column_names:
        raise DataError(f"{where} has no column {name!r}, which info.json names.")
    pa = arrow()
    values = table.column(name).combine_chunks()
    shape = [len(values)]
    while pa.types.is_list(values.type) or pa.types.is_large_list(values.type) or _fixed(values.type):
        if values.null_count:
            raise DataError(f"{where} has holes in {name!r}.")
        flat = values.flatten()
        if len(values) and (
            len(flat) % len(values) or len(pa.compute.unique(pa.compute.list_value_length(values))) > 1
        ):
            raise DataError(f"{where}: {name!r} has rows of different lengths, not {list(feature.shape)}.")
        shape.append(len(flat) // max(1, len(values)))
        values = flat
    if values.null_count:
        raise DataError(f"{where} has holes in {name!r}.")
    if feature.dtype == "string":
        return np.array(values.to_pylist(), object)
    if feature.dtype == "image":
        return _pictures(values, name, feature, where)
    shape = [*shape, 1] if len(shape) == 1 else shape
    try:
        array = values.to_numpy(zero_copy_only=False)
    except (pa.ArrowException, NotImplementedError) as error:
        raise DataError(f"{where}: {name!r} is {values.type}, not {feature.dtype}.") from error
    if array.dtype != np.dtype(feature.dtype) or tuple(shape[1:]) != feature.shape:
        raise DataError(
            f"{where}: {name!r} is {array.dtype} {shape[1:]}; info.json says {feature.dtype} {list(feature.shape)}."
        )
    return np.array(array.reshape(shape))


def _fixed(kind: pyarrow.DataType) -> bool:
    return bool(arrow().types.is_fixed_size_list(kind))


def _pictures(values: pyarrow.Array, name: str, feature: Feature, where: object) -> npt.NDArray[np.uint8]:
    from PIL import Image

    pictures = np.zeros((len(values), *feature.shape), np.uint8)
    try:
        for index, part in enumerate(values.to_pylist()):
            pictures[index] = np.asarray(Image.open(io.BytesIO(part["bytes"])).convert("RGB"))
    except (OSError, TypeError, KeyError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{where}: a picture of {name!r} is damaged or not {list(feature.shape)}: {error}") from error
    return pictures


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return a picture [H, W, 3] as a PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
