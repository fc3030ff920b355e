"""Prints what decoding and encoding one image costs, for docs/notes/images.md: python scripts/time_images.py"""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from hotspot_core.hotspots.regions import network_input_size
from hotspot_ros.conversions.images import (
    ENCODINGS,
    decode_compressed_image,
    decode_image,
    encode_image,
    jpeg_reduction,
)

SIZES = ((640, 480), (1920, 1080))
REPEATS = 30
# Bytes per pixel, by the encoding's name.
_BYTES = {
    "rgb": 3,
    "bgr": 3,
    "mono": 1,
    "bayer": 1,
    "8UC1": 1,
    "8UC3": 3,
    "8UC4": 4,
    "nv24": 3,
    "nv": 1.5,
    "y": 2,
    "u": 2,
}


def fastest(call: Callable[[], object]) -> float:
    """Milliseconds of the fastest of some calls."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def message_of(encoding: str, width: int, height: int) -> Image:
    """An image of noise with dense rows."""
    size = next(size for start, size in _BYTES.items() if encoding.startswith(start))
    size += encoding.startswith(("rgba", "bgra"))
    size *= 2 if encoding.endswith("16") else 1
    data = np.random.default_rng(0).bytes(round(width * height * size))
    step = width if encoding.startswith("nv") else round(width * size)
    message = Image(encoding=encoding, width=width, height=height, step=step)
    message.data.frombytes(data)
    return message


def photo_like(width: int, height: int) -> np.ndarray:
    """Something that compresses as a photo does: noise at every scale."""
    rng = np.random.default_rng(0)
    scales = [cv2.resize(rng.normal(0, 2 + n, (n + 1, 2 * n, 3)), (width, height)) for n in (4, 16, 64)]
    return np.clip(128 + 4 * sum(scales), 0, 255).astype(np.uint8)


def main() -> None:
    """The command."""
    cv2.setNumThreads(1)
    rows: dict[str, list[str]] = {}
    for width, height in SIZES:
        for encoding in ENCODINGS:
            message = message_of(encoding, width, height)
            rows.setdefault(encoding, []).append(f"{fastest(lambda m=message: decode_image(m)):.2f}")
        picture = photo_like(width, height)
        for suffix in (".jpg", ".png"):
            file = CompressedImage(format=suffix, data=cv2.imencode(suffix, picture)[1].tobytes())
            name = f"compressed, {suffix[1:]}"
            rows.setdefault(name, []).append(f"{fastest(lambda m=file: decode_compressed_image(m)):.2f}")
            if suffix == ".jpg":
                reduction = jpeg_reduction(file, lambda size: network_input_size(size, 224, 8))
                shrunk = fastest(lambda m=file, r=reduction: decode_compressed_image(m, r))
                rows.setdefault("compressed, jpg, while nobody looks", []).append(f"{shrunk:.2f}")
        overlay = fastest(lambda p=picture: encode_image(p, Header()))
        rows.setdefault("encoding a message, rgb8", []).append(f"{overlay:.2f}")
    print("| | " + " | ".join(f"{width}x{height} (ms)" for width, height in SIZES) + " |\n|---|---|---|")
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
