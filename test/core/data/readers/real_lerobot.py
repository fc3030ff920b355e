"""Run by a Python that has LeRobot's own package: writes a data set with it, or opens one and trains on it.

    python real_lerobot.py write ROOT       two cameras, three episodes of 7, 12 and 9 frames, two tasks
    python real_lerobot.py open ROOT        prints as JSON what its loader gives of each frame

A frame's two cameras are gray with the brightness 20 e + 4 k, and its complement, in frame k of episode e.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch

# Before LeRobot's own import of torchvision, which fails beside a CPU-only PyTorch.
from hotspot_core.model.torchvision_import import torchvision

try:
    from lerobot.datasets.lerobot_dataset import CODEBASE_VERSION, LeRobotDataset
except ModuleNotFoundError:
    from ledataset.datasets.lerobot_dataset import CODEBASE_VERSION, LeRobotDataset

FPS, SIZE = 10, (64, 96)
CAMERAS = ("observation.images.front", "observation.images.wrist_image")
EPISODES = ((7, "Open the top drawer"), (12, "push the red button"), (9, "Open the top drawer"))
NAME = "somebody/small"


class VideoReader:
    """What LeRobot 0.3 and 0.4 use of torchvision's reader, which newer torchvisions do not have any more."""

    def __init__(self, path: str, _stream: str) -> None:
        self.container = av.open(path)

    def seek(self, seconds: float, keyframes_only: bool) -> None:
        self.container.seek(int(seconds * 1_000_000))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for frame in self.container.decode(video=0):
            image = torch.from_numpy(frame.to_ndarray(format="rgb24")).permute(2, 0, 1)
            yield {"data": image, "pts": float(frame.time)}


if not hasattr(torchvision.io, "VideoReader"):
    torchvision.io.VideoReader = VideoReader
    torchvision.set_video_backend = lambda _: None


def brightness(episode: int, frame: int) -> int:
    return 20 * episode + 4 * frame


def write(root: Path) -> None:
    camera = {"dtype": "video", "shape": (*SIZE, 3), "names": ["height", "width", "channels"]}
    state = {"dtype": "float32", "shape": (2,), "names": ["x", "y"]}
    features: dict[str, Any] = {"observation.state": state, "action": state, **dict.fromkeys(CAMERAS, camera)}
    data = LeRobotDataset.create(NAME, FPS, features, root=root, use_videos=True)
    for episode, (length, task) in enumerate(EPISODES):
        for frame in range(length):
            image = np.full((*SIZE, 3), brightness(episode, frame), np.uint8)
            values = np.array([episode, frame], np.float32)
            row = {"observation.state": values, "action": values, CAMERAS[0]: image, CAMERAS[1]: 255 - image}
            if CODEBASE_VERSION == "v2.1":
                data.add_frame(row, task=task)
            else:
                data.add_frame({**row, "task": task})
        data.save_episode()
    if hasattr(data, "finalize"):
        data.finalize()


def open_with_loader(root: Path) -> None:
    data = LeRobotDataset(NAME, root=root, video_backend="pyav")
    batches = torch.utils.data.DataLoader(data, batch_size=4)
    shapes = {key: list(value.shape) for key, value in next(iter(batches)).items() if hasattr(value, "shape")}
    new = [key for key in data.meta.features if "hotspots" in key]
    frames = [
        {
            "episode": int(item["episode_index"]),
            "frame": int(item["frame_index"]),
            "task": item["task"],
            **{camera: round(255 * float(item[camera].mean())) for camera in CAMERAS},
            **{key: item[key].flatten().tolist() for key in new},
        }
        for item in (data[index] for index in range(len(data)))
    ]
    stats = {key: {name: value.tolist() for name, value in data.meta.stats[key].items()} for key in new}
    found = {"version": CODEBASE_VERSION, "batch": shapes, "frames": frames, "stats": stats}
    print(json.dumps(found))


if __name__ == "__main__":
    {"write": write, "open": open_with_loader}[sys.argv[1]](Path(sys.argv[2]))
