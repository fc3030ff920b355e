"""Small real videos and images for tests, written with PyAV and OpenCV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np


def level(index: int) -> int:
    """The grey level of frame `index` of a numbered video."""
    return 16 + 5 * index


def numbered_frames(count: int, height: int = 48, width: int = 64) -> np.ndarray:
    """(count, height, width, 3) grey frames that tell their index by their level."""
    levels = np.array([level(index) for index in range(count)], np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (count, height, width, 3)).copy()


def indices(frames: Sequence[np.ndarray] | np.ndarray) -> list[int]:
    """The indices that numbered frames tell, which a codec leaves a level or two darker."""
    return [round((float(frame.mean()) + 1 - level(0)) / (level(1) - level(0))) for frame in frames]


def write_video(path: Path, frames: np.ndarray, rate: int = 30, options: dict[str, str] | None = None) -> Path:
    """Write (T, H, W, 3) uint8 RGB frames as H.264 with B-frames and one key frame."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "6", "preset": "veryfast", "bf": "3", "g": "250", "threads": "1"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_image(path: Path, image: np.ndarray) -> Path:
    """Write an (H, W, 3) uint8 RGB image."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, image[..., ::-1])[1].tobytes())
    return path
