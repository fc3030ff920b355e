"""Puts videos side by side into one animated GIF, for the README. From the root of the repository:

python -m hotspot_core.data.synthetic runs/scenes --clips 14 --stills 0 --size 320 --seed 12 --difficulty 0.25
hotspot-predict runs/scenes/clips/*.mp4 --actions open,pull,press --output runs/predicted
python scripts/make_animation.py docs/hotspots.gif runs/predicted/0000{11,02,13}.mp4
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hotspot_core.media.sources import open_source

SIDE, GAP, MILLISECONDS = 260, 6, 160


def frames_of(path: Path) -> list[NDArray[np.uint8]]:
    """The frames of a video of square pictures, (SIDE, SIDE, 3) uint8 RGB."""
    return [
        np.asarray(cv2.resize(frame.image, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
        for frame in open_source(str(path)).frames()
    ]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, help="the .gif file")
    parser.add_argument("videos", type=Path, nargs="+", help="in the order from left to right")
    options = parser.parse_args()
    videos = [frames_of(path) for path in options.videos]
    gap = np.full((SIDE, GAP, 3), 255, np.uint8)
    pictures = []
    for index in range(max(map(len, videos))):
        # Shorter ones wait at their end for the longest.
        row = [frames[min(index, len(frames) - 1)] for frames in videos]
        joined = np.hstack([part for frame in row for part in (gap, frame)][1:])
        pictures.append(Image.fromarray(joined).quantize(method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE))
    pictures[0].save(options.output, save_all=True, append_images=pictures[1:], duration=MILLISECONDS, loop=0)
    print(f"{options.output}: {len(pictures)} frames, {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
