"""Clips to learn from: a clip table, and the check that all of its clips can be read.

The table is CSV with the columns `clip,start,stop,action,object,inactive_image`. Paths are relative to it. `clip` is
a video file, a folder of its frames, a topic of a bag (drive.mcap#/camera/image_raw), or a photo of the interaction,
which is a clip of one frame; `start` and `stop` are seconds, blank for the video's own ends; `inactive_image` is an
image of the object at rest, blank where those of the same object in other rows shall serve. A further column
`frame_rate` says how many frames per second a folder holds;
without it, it holds as many as are sampled.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path

from rich.progress import track

from hotspot_core.errors import InputError, select_names
from hotspot_core.media.bag import names_bag
from hotspot_core.media.images import broken_images

COLUMNS = ("clip", "start", "stop", "action", "object", "inactive_image")

# A clip this short, in seconds, has one frame at most.
SHORTEST_CLIP = 0.05


@dataclass(frozen=True)
class Clip:
    """A piece of video in which one action is done with one object.

    Attributes:
        video: a video file, a folder of its frames, or a photo.
        start, stop: seconds in it; a stop of None is its end.
        action: name of the action.
        object: name of the object, "" where unknown.
        inactive_image: an image of the object at rest; None where any of such an object may serve.
        frame_rate: frames per second of a folder; None where it has as many as are sampled.
        inactive_time: seconds in `inactive_image` where that is a video; None where it is an image.
    """

    video: Path
    start: float
    stop: float | None
    action: str
    object: str
    inactive_image: Path | None
    frame_rate: float | None = None
    inactive_time: float | None = None


def read_clip_table(path: str | Path, actions: Sequence[str] | None = None) -> list[Clip]:
    """Read and check a clip table. Videos are not opened, see `check_clips`.

    Args:
        actions: the actions that it may name; None for any.

    Raises:
        InputError: the file is missing, lacks a column or has no rows; a row lacks a clip or an action, names an
            unknown action, or has times that are no numbers, or not two frames apart. The text names the line.
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, skipinitialspace=True)
            missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
            if missing:
                raise InputError(f"{path}: no column {', '.join(missing)}: the first line must be {','.join(COLUMNS)}")
            clips = [_clip(path, f"{path}: line {table.line_num}", row, actions) for row in table]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: no CSV text: {error}") from None
    if not clips:
        raise InputError(f"{path}: the table is empty: give at least one clip")
    return clips


def check_clips(
    clips: Sequence[Clip],
    max_broken_fraction: float = 0.05,
    workers: int = 4,
    fps: float = 5.0,
    report: Callable[[str], None] | None = None,
    progress: str | None = None,
) -> list[Clip]:
    """The clips that can be read, each with its stop filled in; the others are reported once, with the reason.

    The start of each clip is decoded, its end only looked up, and its inactive image is decoded.

    Args:
        max_broken_fraction: largest fraction of clips that may be left out.
        workers: threads that read.
        fps: frames sampled per second, for folders that do not say how many they hold.
        report: takes a line of text; None for the standard error output.
        progress: title of a progress bar; None for none.

    Raises:
        InputError: there are no clips, or more than that fraction are missing or broken.
    """
    if not clips:
        raise InputError("no clips: give at least one")
    broken_images_of_clips = broken_images(
        (clip.inactive_image for clip in clips if clip.inactive_image and clip.inactive_time is None), workers
    )
    with ThreadPoolExecutor(max(1, workers)) as pool:
        checks = pool.map(lambda clip: _checked(clip, fps, broken_images_of_clips), clips)
        results = list(track(checks, progress or "", total=len(clips), disable=progress is None))
    kept = [result for result in results if isinstance(result, Clip)]
    reasons = [result for result in results if isinstance(result, str)]
    if not reasons:
        return kept
    summary = f"{len(reasons)} of {len(clips)} clips are missing or broken"
    if len(reasons) > max_broken_fraction * len(clips):
        raise InputError(f"{summary}, more than {max_broken_fraction:.0%}, first {reasons[0]}")
    report = report or _to_standard_error
    report(f"{summary} and left out:")
    for reason in reasons:
        report(f"  {reason}")
    return kept


def action_names(clips: Sequence[Clip]) -> tuple[str, ...]:
    """The actions of clips, sorted."""
    return tuple(sorted({clip.action for clip in clips}))


def object_names(clips: Sequence[Clip]) -> tuple[str, ...]:
    """The objects of clips, sorted."""
    return tuple(sorted({clip.object for clip in clips}))


def _clip(path: Path, where: str, row: dict[str, str | None], actions: Sequence[str] | None) -> Clip:
    values = {name: (value or "").strip() for name, value in row.items() if isinstance(value, str | None)}
    for name in ("clip", "action"):
        if not values.get(name):
            raise InputError(f"{where} has no {name}")
    if actions is not None:
        try:
            select_names("action", [values["action"]], actions)
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
    start = _number(where, "start", values["start"]) or 0.0
    stop = _number(where, "stop", values["stop"])
    if stop is not None and stop - start < SHORTEST_CLIP:
        raise InputError(f"{where} goes from {start:g} s to {stop:g} s: a clip needs at least two frames")
    inactive = values["inactive_image"]
    return Clip(
        video=path.parent / values["clip"],
        start=start,
        stop=stop,
        action=values["action"],
        object=values["object"],
        inactive_image=path.parent / inactive if inactive else None,
        frame_rate=_number(where, "frame_rate", values.get("frame_rate", "")),
    )


def _number(where: str, name: str, text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or value < 0 or (name == "frame_rate" and value == 0):
        raise InputError(f"{where} has the {name} {text!r}: give a positive number, or leave it blank")
    return value


def _checked(clip: Clip, fps: float, broken_images_of_clips: Mapping[Path, str]) -> Clip | str:
    """The clip with its stop filled in, or why it cannot be used."""
    # PyAV is only needed where there are videos, not for reading tables.
    from hotspot_core.media.video import check_ends, probe

    try:
        if clip.inactive_image is not None and clip.inactive_image in broken_images_of_clips:
            return f"inactive image {broken_images_of_clips[clip.inactive_image]}"
        if not clip.video.exists() and not names_bag(clip.video):
            raise InputError(f"{clip.video}: no such file or folder")
        rate = clip.frame_rate or fps if clip.video.is_dir() and not names_bag(clip.video) else None
        stop = probe(clip.video, rate).duration if clip.stop is None else clip.stop
        check_ends(clip.video, clip.start, stop, rate)
        return replace(clip, stop=stop, frame_rate=rate)
    except InputError as error:
        return str(error)
    except OSError as error:
        return f"{clip.video}: {error.strerror or error}"


def _to_standard_error(line: str) -> None:
    print(line, file=sys.stderr)
