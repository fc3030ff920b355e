"""A data set again, with features that every frame has more.

Only the Parquet files and the descriptions in `meta` differ; all else is copied, hidden files aside. Each file is whole
or not there, and one that is there is not written again, so that an interrupted copy goes on.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotspot_core.media.lerobot.dataset import EPISODES_V3, INFO, LeRobotDataset
from hotspot_core.media.lerobot.files import parquet, parquet_errors, read_json, read_json_lines
from hotspot_core.media.lerobot.statistics import Statistics, aggregated, as_lists, feature_statistics, quantile_names
from hotspot_core.utils.files import atomic_write, write_text

STATISTICS, EPISODE_STATISTICS = "meta/stats.json", "meta/episodes_stats.jsonl"
# Rows that are held in memory at once.
ROWS = 1024
# Where Hugging Face's `datasets` keeps the types of columns.
_TYPES = b"huggingface"

# Number of an episode -> feature -> (frames, *shape) float32.
ValuesOf = Callable[[int], Mapping[str, NDArray[np.float32]]]


@dataclass(frozen=True)
class NewFeature:
    """A feature of float32.

    Attributes:
        key: its name.
        shape: of one frame's value: (D,) with D of at least 2, or (C, H, W).
        names: of its D entries, or of its axes.
    """

    key: str
    shape: tuple[int, ...]
    names: Sequence[str]

    @property
    def description(self) -> dict[str, Any]:
        """As info.json has it."""
        return {"dtype": "float32", "shape": list(self.shape), "names": list(self.names)}

    @property
    def column_type(self) -> dict[str, Any]:
        """As `datasets` writes it."""
        if len(self.shape) == 1:
            return {"feature": {"dtype": "float32", "_type": "Value"}, "length": self.shape[0], "_type": "Sequence"}
        return {"shape": list(self.shape), "dtype": "float32", "_type": f"Array{len(self.shape)}D"}

    def column(self, values: NDArray[np.float32]) -> Any:
        """(rows, *shape) as a column of Arrow's."""
        import pyarrow

        column = pyarrow.array(np.ascontiguousarray(values, np.float32).reshape(-1))
        if len(self.shape) == 1:
            return pyarrow.FixedSizeListArray.from_arrays(column, self.shape[0])
        for size in reversed(self.shape):
            column = pyarrow.ListArray.from_arrays(np.arange(0, len(column) + 1, size, dtype=np.int32), column)
        return column


def write_with_features(
    dataset: LeRobotDataset,
    target: Path,
    features: Sequence[NewFeature],
    values_of: ValuesOf,
    on_file: Callable[[Path], None] | None = None,
) -> None:
    """Writes the data set to a folder, in the same version of the format.

    Args:
        target: the folder; what is in it is taken for the beginning of the same copy.
        values_of: gets the features' values of an episode; called once per file that the episode is in.
        on_file: called before each file.

    Raises:
        InputError: a file cannot be read or written.
    """
    data = {path.resolve() for path in dataset.data_files()}
    statistics = _EpisodeStatistics(dataset, features, values_of)
    for place in source_files(dataset.root):
        source, copy = dataset.root / place, target / place
        if copy.exists():
            continue
        if on_file is not None:
            on_file(place)
        if source.resolve() in data:
            _write_data(source, copy, features, values_of)
        elif place.is_relative_to(EPISODES_V3) and place.suffix == ".parquet":
            _write_episodes(source, copy, statistics)
        elif str(place) == EPISODE_STATISTICS:
            _write_episode_statistics(source, copy, statistics)
        elif str(place) == STATISTICS:
            _write_json(copy, read_json(source) | statistics.of_all())
        elif str(place) == INFO:
            info = read_json(source)
            info["features"] |= {feature.key: feature.description for feature in features}
            _write_json(copy, info)
        else:
            with atomic_write(copy) as partial:
                shutil.copyfile(source, partial)


def source_files(root: Path) -> Iterator[Path]:
    """The files of a data set relative to it, sorted; not hidden ones, such as a download's cache."""
    for folder, folders, names in os.walk(root, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(folder, name).relative_to(root)


class _EpisodeStatistics:
    """Statistics of the new features, each episode's computed once."""

    def __init__(self, dataset: LeRobotDataset, features: Sequence[NewFeature], values_of: ValuesOf) -> None:
        path = dataset.root / STATISTICS
        self._quantiles = quantile_names(read_json(path)) if path.is_file() else []
        self._episodes = [episode.index for episode in dataset.episodes]
        self._features, self._values_of = features, values_of
        self._found: dict[int, dict[str, Statistics]] = {}

    def of_episode(self, index: int) -> dict[str, Statistics]:
        """Feature -> its statistics."""
        if index not in self._found:
            values = self._values_of(index)
            self._found[index] = {key: feature_statistics(each, self._quantiles) for key, each in values.items()}
        return self._found[index]

    def of_all(self) -> dict[str, Any]:
        """Feature -> its statistics over the data set, for JSON."""
        each = [self.of_episode(index) for index in self._episodes]
        return {f.key: as_lists(aggregated([found[f.key] for found in each])) for f in self._features}


def _write_data(source: Path, copy: Path, features: Sequence[NewFeature], values_of: ValuesOf) -> None:
    writer = None
    with atomic_write(copy) as partial:
        try:
            for table in _pieces(source):
                rows = _rows(table, features, values_of)
                for feature in features:
                    table = table.append_column(feature.key, feature.column(rows[feature.key]))
                if writer is None:
                    schema = _with_types(table.schema, features)
                    writer = parquet().ParquetWriter(partial, schema, compression="snappy")
                writer.write_table(table.cast(writer.schema))
        finally:
            if writer is not None:
                writer.close()


def _pieces(source: Path) -> Iterator[Any]:
    """A Parquet file as tables of a few rows."""
    with parquet_errors(source):
        file = parquet().ParquetFile(source)
        groups = file.num_row_groups
    for group in range(groups):
        with parquet_errors(source):
            table = file.read_row_group(group)
        for first in range(0, max(1, table.num_rows), ROWS):
            yield table.slice(first, ROWS)


def _rows(table: Any, features: Sequence[NewFeature], values_of: ValuesOf) -> dict[str, NDArray[np.float32]]:
    """The features' values of a table's rows."""
    episodes, frames = (table[name].to_numpy().reshape(-1) for name in ("episode_index", "frame_index"))
    rows = {feature.key: np.empty((len(episodes), *feature.shape), np.float32) for feature in features}
    for index in np.unique(episodes):
        here = episodes == index
        values = values_of(int(index))
        for feature in features:
            rows[feature.key][here] = values[feature.key][frames[here]]
    return rows


def _with_types(schema: Any, features: Sequence[NewFeature]) -> Any:
    metadata = dict(schema.metadata or {})
    if _TYPES in metadata:
        types = json.loads(metadata[_TYPES])
        types["info"]["features"] |= {feature.key: feature.column_type for feature in features}
        metadata[_TYPES] = json.dumps(types).encode()
    return schema.with_metadata(metadata)


def _write_episodes(source: Path, copy: Path, statistics: _EpisodeStatistics) -> None:
    """An episode's row of version 3.0, with the new features' statistics where it has others'."""
    import pyarrow

    with parquet_errors(source):
        table = parquet().ParquetFile(source).read()
    if any(name.startswith("stats/") for name in table.column_names):
        rows = [
            {f"stats/{key}/{name}": value for key, found in each.items() for name, value in as_lists(found).items()}
            for each in map(statistics.of_episode, table["episode_index"].to_pylist())
        ]
        for name in rows[0] if rows else ():
            table = table.append_column(name, pyarrow.array([row[name] for row in rows]))
    metadata = {key: value for key, value in (table.schema.metadata or {}).items() if key != _TYPES}
    with atomic_write(copy) as partial:
        parquet().write_table(table.replace_schema_metadata(metadata), partial, compression="snappy")


def _write_episode_statistics(source: Path, copy: Path, statistics: _EpisodeStatistics) -> None:
    """The lines of version 2.1."""
    lines = []
    for row in read_json_lines(source):
        found = statistics.of_episode(int(row["episode_index"]))
        row["stats"] |= {key: as_lists(each) for key, each in found.items()}
        lines.append(json.dumps(row) + "\n")
    write_text(copy, "".join(lines))


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(document, indent=4, ensure_ascii=False) + "\n")
