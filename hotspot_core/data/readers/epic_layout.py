"""Where EPIC-Kitchens' releases keep a video or its frames, under the folder that was downloaded to.

Of the release of 2018 (EPIC-KITCHENS-55), of the one of 2020 (EPIC-KITCHENS-100), and plain folders of videos:

    videos/train/P01/P01_01.MP4     frames_rgb_flow/rgb/train/P01/P01_01/frame_0000000001.jpg ...
    P01/videos/P01_01.MP4           P01/rgb_frames/P01_01/frame_0000000001.jpg ...
    P01/P01_01.MP4, videos/P01_01.MP4, P01_01.MP4           rgb/P01_01/frame_0000000001.jpg ...

Suffixes may be in lower case, and .mp4 files may have been converted to .mkv, .webm, .avi or .mov.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FRAME_FOLDERS = (
    "frames_rgb_flow/rgb/train/{participant}/{video}",
    "frames_rgb_flow/rgb/test/{participant}/{video}",
    "{participant}/rgb_frames/{video}",
    "rgb/{video}",
)
VIDEO_FOLDERS = (
    "videos/train/{participant}",
    "videos/test/{participant}",
    "{participant}/videos",
    "{participant}",
    "videos/{participant}",
    "videos",
    ".",
)
VIDEO_SUFFIXES = (".MP4", ".mp4", ".mkv", ".webm", ".avi", ".mov")


class EpicFolder:
    """A downloaded release.

    Args:
        root: the folder that it was downloaded to.
    """

    def __init__(self, root: str | Path) -> None:
        self._root = Path(root)
        self._listed = cache(_listed)

    def find(self, video: str) -> tuple[Path, bool]:
        """Where a video named PARTICIPANT_NUMBER is, and whether that is a folder of its frames, which come first.

        A video that is not there gets the place that the release of 2018 has for it.
        """
        names = {"participant": video.split("_")[0], "video": video}
        for pattern in FRAME_FOLDERS:
            frames = self._root / pattern.format(**names)
            if frames.is_dir() and any(frames.iterdir()):
                return frames, True
        for pattern in VIDEO_FOLDERS:
            folder = self._root / pattern.format(**names)
            for suffix in VIDEO_SUFFIXES:
                if video + suffix in self._listed(folder):
                    return folder / (video + suffix), False
        return self._root / VIDEO_FOLDERS[0].format(**names) / (video + VIDEO_SUFFIXES[0]), False


def _listed(folder: Path) -> frozenset[str]:
    """The names in a folder as they are spelled, whatever the file system takes for the same."""
    return frozenset(entry.name for entry in folder.iterdir()) if folder.is_dir() else frozenset()
