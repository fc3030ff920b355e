"""Small data sets as LeRobot versions 2.1 and 3.0 lay them out, written without LeRobot: AV1 videos, Parquet files."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pyarrow
import pyarrow.parquet

# The encoder tells its settings otherwise.
os.environ.setdefault("SVT_LOG", "1")
FPS, SIZE = 10, (64, 96)
FRONT, WRIST = "observation.images.front", "observation.images.wrist_image"
EPISODES = ((7, "Open the top drawer"), (12, "push the red button"), (9, "Open the top drawer"))
PATTERNS = {
    "v3.0": (
        "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
    ),
    "v2.1": (
        "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4",
    ),
}


def brightness(episode: int, frame: int) -> int:
    """Of all pixels of the front camera; the wrist's is its complement."""
    return 20 + (70 * episode + 5 * frame) % 230


def pictures(episode: int, count: int, camera: str) -> list[np.ndarray]:
    levels = (brightness(episode, frame) for frame in range(count))
    return [np.full((*SIZE, 3), level if camera == FRONT else 255 - level, np.uint8) for level in levels]


def write_dataset(
    root: Path,
    version: str = "v3.0",
    episodes: Sequence[tuple[int, str]] = EPISODES,
    drift: float = 0.0,
    images: bool = False,
) -> Path:
    """A data set of two cameras.

    Args:
        drift: seconds by which the beginnings of episodes in version 3.0 are rounded wrongly.
        images: whether pictures are in the Parquet files, and not in videos.
    """
    kind = "image" if images else "video"
    cameras = {
        key: {"dtype": kind, "shape": [*SIZE, 3], "names": ["height", "width", "channels"]} for key in (FRONT, WRIST)
    }
    columns = {
        "timestamp": "float32",
        "frame_index": "int64",
        "episode_index": "int64",
        "index": "int64",
        "task_index": "int64",
    }
    features: dict[str, Any] = (
        {"observation.state": {"dtype": "float32", "shape": [2], "names": ["x", "y"]}}
        | cameras
        | {name: {"dtype": dtype, "shape": [1], "names": None} for name, dtype in columns.items()}
    )
    data, video = PATTERNS[version]
    info = {
        "codebase_version": version,
        "fps": FPS,
        "chunks_size": 1000,
        "features": features,
        "data_path": data,
        "video_path": None if images else video,
        "total_episodes": len(episodes),
        "total_frames": sum(length for length, _ in episodes),
        "splits": {"train": f"0:{len(episodes)}"},
    }
    tasks = list(dict.fromkeys(task for _, task in episodes))
    write_text(root / "meta/info.json", json.dumps(info))
    stats = {"min": [0.0], "max": [1.0], "mean": [0.5], "std": [0.3], "count": [3]}
    if version == "v3.0":
        stats |= {"q01": [0.0], "q50": [0.5]}
    rows = [frame_rows(number, length, tasks.index(task), images) for number, (length, task) in enumerate(episodes)]
    if version == "v3.0":
        write_text(root / "meta/stats.json", json.dumps({"timestamp": stats}))
        write_parquet(
            root / "meta/tasks.parquet", [{"task_index": k, "__index_level_0__": task} for k, task in enumerate(tasks)]
        )
        write_parquet(root / data.format(chunk_index=0, file_index=0), [row for each in rows for row in each])
        described = []
        first = 0
        for number, (length, task) in enumerate(episodes):
            row = {
                "episode_index": number,
                "tasks": [task],
                "length": length,
                "data/chunk_index": 0,
                "data/file_index": 0,
                "dataset_from_index": first,
                "dataset_to_index": first + length,
            }
            for camera in () if images else (FRONT, WRIST):
                row |= {
                    f"videos/{camera}/chunk_index": 0,
                    f"videos/{camera}/file_index": 0,
                    f"videos/{camera}/from_timestamp": first / FPS + (drift if number else 0.0),
                    f"videos/{camera}/to_timestamp": (first + length) / FPS,
                }
            described.append(row | {f"stats/timestamp/{name}": value for name, value in stats.items()})
            first += length
        write_parquet(root / "meta/episodes/chunk-000/file-000.parquet", described)
    else:
        lines(root / "meta/tasks.jsonl", [{"task_index": k, "task": task} for k, task in enumerate(tasks)])
        lines(
            root / "meta/episodes.jsonl",
            [
                {"episode_index": number, "tasks": [task], "length": length}
                for number, (length, task) in enumerate(episodes)
            ],
        )
        lines(
            root / "meta/episodes_stats.jsonl",
            [{"episode_index": number, "stats": {"timestamp": stats}} for number in range(len(episodes))],
        )
        for number, each in enumerate(rows):
            write_parquet(root / data.format(episode_chunk=0, episode_index=number), each)
    for camera in () if images else (FRONT, WRIST):
        shown = [pictures(number, length, camera) for number, (length, _) in enumerate(episodes)]
        if version == "v3.0":
            joined = [picture for of_episode in shown for picture in of_episode]
            write_av1(root / video.format(video_key=camera, chunk_index=0, file_index=0), joined)
            continue
        for number, of_episode in enumerate(shown):
            write_av1(root / video.format(video_key=camera, episode_chunk=0, episode_index=number), of_episode)
    return root


def frame_rows(episode: int, length: int, task: int, images: bool) -> list[dict[str, Any]]:
    rows = []
    for frame in range(length):
        row: dict[str, Any] = {"observation.state": [float(episode), float(frame)]}
        row |= {"timestamp": np.float32(frame / FPS), "frame_index": frame, "episode_index": episode}
        row |= {"index": frame, "task_index": task}
        for camera in (FRONT, WRIST) if images else ():
            encoded = cv2.imencode(".png", pictures(episode, frame + 1, camera)[frame])[1].tobytes()
            row[camera] = {"bytes": encoded, "path": None}
        rows.append(row)
    return rows


def write_av1(path: Path, frames: Sequence[np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libsvtav1", rate=FPS, options={"g": "2", "crf": "20", "preset": "10"})
        stream.height, stream.width, stream.pix_fmt = *SIZE, "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)


def lines(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    write_text(path, "".join(json.dumps(row) + "\n" for row in rows))


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
