"""The frames of a video as numbered images in a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hotspot_core.errors import InputError
from hotspot_core.media.images import Image, read_image


@dataclass(frozen=True)
class FrameFolder:
    """Frames in files named prefix, number with `digits` digits, suffix: `count` of them, from number `first` on."""

    path: Path
    prefix: str
    digits: int
    suffix: str
    first: int
    count: int

    def read(self, index: int) -> Image:
        """Frame `index`, counted from 0, as (H, W, 3) uint8 RGB.

        Raises:
            InputError: it is missing or is no image.
        """
        path = self.path / f"{self.prefix}{self.first + index:0{self.digits}d}{self.suffix}"
        try:
            return read_image(path)
        except InputError as error:
            raise InputError(f"{path}: the frame is missing or is no image") from error


@lru_cache(maxsize=256)
def frame_folder(path: Path) -> FrameFolder:
    """The frames in a folder, which is listed once only; files without a number are passed over.

    Raises:
        InputError: there are no numbered images.
    """
    pattern = re.compile(r"(.*?)(\d+)(\.(?:jpe?g|png|bmp|webp))", re.IGNORECASE)
    names = [match for entry in path.iterdir() if (match := pattern.fullmatch(entry.name))]
    if not names:
        raise InputError(f"{path}: the folder has no numbered frames (such as frame_0001.jpg)")
    first = min(names, key=lambda name: int(name[2]))
    return FrameFolder(path, first[1], len(first[2]), first[3], int(first[2]), len(names))
