"""EPIC-KITCHENS-55 and -100 (Damen et al., ECCV 2018 and IJCV 2022) with the official tables of their action segments.

Each row of EPIC_train_action_labels.csv (55), EPIC_100_train.csv or EPIC_100_validation.csv (100) is a clip. These
columns are read; times are h:m:s, frames count from 1:

    participant_id, video_id, start_timestamp, stop_timestamp, start_frame, stop_frame, verb, verb_class, noun,
    noun_class

An action is a class of verbs, an object a class of nouns. Where the official tables of the classes lie beside the file
(EPIC_verb_classes.csv and EPIC_noun_classes.csv, EPIC_100_verb_classes.csv and EPIC_100_noun_classes.csv), these name
them; a class is named by the verb or noun that most of its rows have otherwise.

The tables have no images of objects at rest. A frame from one second before an action serves, where no other action is
being done with such an object then.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotspot_core.data.clips import Clip
from hotspot_core.data.inactive_images import InactiveImage
from hotspot_core.data.readers.epic_layout import EpicFolder
from hotspot_core.errors import InputError

COLUMNS = ("video_id", "start_timestamp", "stop_timestamp", "start_frame", "stop_frame")
CLASS_COLUMNS = {"verb": "verb_class", "noun": "noun_class"}
CLASS_TABLES = ("EPIC_100_{kind}_classes.csv", "EPIC_{kind}_classes.csv")
# Of the tables of classes, the later release's first.
CLASS_KEYS = (("id", "key"), ("verb_id", "class_key"), ("noun_id", "class_key"))

# Seconds before an action at which its object is taken to be at rest.
BEFORE = 1.0


@dataclass(frozen=True)
class _Row:
    video: str
    start: float
    stop: float
    frames: tuple[int, int]
    verb: int
    noun: int


@dataclass(frozen=True)
class EpicTable:
    """The clips of a table, and images of their objects at rest.

    Attributes:
        clips: in the order of the rows. Where frames were extracted, times are those of the frames that the rows name.
        inactive_images: object -> frames from before its clips. Of videos that are there.
    """

    clips: tuple[Clip, ...]
    inactive_images: Mapping[str, Sequence[InactiveImage]]


def read_epic_table(root: str | Path, path: str | Path) -> EpicTable:
    """Read an official table of action segments. Videos are not opened, see `check_clips`.

    Args:
        root: the folder of the videos or frames, see `hotspot_core.data.readers.epic_layout`.
        path: the table.

    Raises:
        InputError: a table is missing or is another one, or a row has no such times or classes; the text names it.
    """
    path = Path(path)
    records = _records(path, (*COLUMNS, *CLASS_COLUMNS, *CLASS_COLUMNS.values()))
    rows = [_row(f"{path}: line {number}", record) for number, record in records]
    texts = [record for _, record in records]
    verbs = _class_names(path, "verb", [(row.verb, text["verb"]) for row, text in zip(rows, texts, strict=True)])
    nouns = _class_names(path, "noun", [(row.noun, text["noun"]) for row, text in zip(rows, texts, strict=True)])
    folder, rates = EpicFolder(root), _frame_rates(rows)
    places = {video: folder.find(video) for video in rates}
    clips = tuple(_clip(row, *places[row.video], rates[row.video], verbs, nouns) for row in rows)
    return EpicTable(clips, _inactive_images(clips))


def _records(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with the numbers of their lines."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, restval="")
            missing = [name for name in columns if name not in (table.fieldnames or ())]
            if missing:
                raise InputError(
                    f"{path}: no column {', '.join(missing)}: give EPIC_train_action_labels.csv, EPIC_100_train.csv or "
                    "EPIC_100_validation.csv as they are released"
                )
            records = [(table.line_num, row) for row in table]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: no CSV text: {error}") from None
    if not records:
        raise InputError(f"{path}: the table has no rows")
    return records


def _row(where: str, record: Mapping[str, str]) -> _Row:
    start, stop = (_seconds(where, record[name]) for name in ("start_timestamp", "stop_timestamp"))
    try:
        frames = int(record["start_frame"]), int(record["stop_frame"])
        verb, noun = int(record["verb_class"]), int(record["noun_class"])
    except ValueError:
        raise InputError(f"{where}: start_frame, stop_frame, verb_class or noun_class is no whole number") from None
    if not record["video_id"] or stop <= start or not 0 <= frames[0] <= frames[1]:
        raise InputError(f"{where}: {record['video_id']!r} from {start:g} s to {stop:g} s, frames {frames}: no clip")
    return _Row(record["video_id"], start, stop, frames, verb, noun)


def _seconds(where: str, text: str) -> float:
    """Of a time such as 00:01:02.35."""
    try:
        hours, minutes, seconds = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        raise InputError(f"{where}: the time {text!r} is not hours:minutes:seconds") from None


def _class_names(path: Path, kind: str, used: Sequence[tuple[int, str]]) -> dict[int, str]:
    """The names of the classes in use."""
    for name in CLASS_TABLES:
        table = path.parent / name.format(kind=kind)
        if name.startswith("EPIC_100") == path.name.startswith("EPIC_100") and table.is_file():
            return _released_names(table, {number for number, _ in used})
    words: dict[int, Counter[str]] = defaultdict(Counter)
    for number, word in used:
        words[number][word] += 1
    # Of words that are as frequent, the first in the alphabet: the name does not depend on the order of the rows.
    names = {number: min(counts, key=lambda word: (-counts[word], word)) for number, counts in words.items()}
    twice = {name for name, count in Counter(names.values()).items() if count > 1}
    return {number: f"{name} {number}" if name in twice else name for number, name in names.items()}


def _released_names(table: Path, used: set[int]) -> dict[int, str]:
    records = _records(table, ())
    keys = next((keys for keys in CLASS_KEYS if set(keys) <= set(records[0][1])), None)
    try:
        names = {int(record[keys[0]]): record[keys[1]] for _, record in records} if keys else {}
    except ValueError:
        names = {}
    missing = sorted(used - set(names))
    if missing:
        raise InputError(f"{table}: no name of class {missing[0]}: give the release's own file, or move it away")
    return names


def _frame_rates(rows: Sequence[_Row]) -> dict[str, float]:
    """Extracted frames per second of each video, from its last frame number that the table has a time for."""
    last: dict[str, _Row] = {}
    for row in rows:
        if row.video not in last or row.stop > last[row.video].stop:
            last[row.video] = row
    return {video: max(row.frames[1], 1) / row.stop for video, row in last.items()}


def _clip(
    row: _Row, place: Path, extracted: bool, rate: float, verbs: Mapping[int, str], nouns: Mapping[int, str]
) -> Clip:
    start, stop = row.start, row.stop
    if extracted:
        start, stop = max(row.frames[0] - 1, 0) / rate, row.frames[1] / rate
    return Clip(place, start, stop, verbs[row.verb], nouns[row.noun], None, rate if extracted else None)


def _inactive_images(clips: Sequence[Clip]) -> dict[str, list[InactiveImage]]:
    """See the module. An object that is in use each time, or from the beginning on, is shown as it is then."""
    of_object: dict[str, list[Clip]] = defaultdict(list)
    there = {video for video in {clip.video for clip in clips} if video.exists()}
    for clip in clips:
        if clip.video in there:
            of_object[clip.object].append(clip)
    return {name: _at_rest(uses) for name, uses in of_object.items()}


def _at_rest(uses: Sequence[Clip]) -> list[InactiveImage]:
    busy: dict[Path, list[tuple[float, float]]] = defaultdict(list)
    for clip in sorted(uses, key=lambda clip: clip.start):
        spans, stop = busy[clip.video], clip.stop or clip.start
        # Of spans one after the other, that overlap: one span.
        if spans and clip.start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], stop)
        else:
            spans.append((clip.start, stop))
    candidates = [(clip, clip.start - BEFORE) for clip in uses]
    resting = [(clip, time) for clip, time in candidates if time >= 0 and not _is_busy(busy[clip.video], time)]
    return [
        InactiveImage(clip.video, time=max(time, 0.0), frame_rate=clip.frame_rate)
        for clip, time in resting or candidates
    ]


def _is_busy(spans: Sequence[tuple[float, float]], time: float) -> bool:
    """Whether one of the spans, which follow each other, holds a time."""
    index = bisect_left(spans, (time, float("inf"))) - 1
    return index >= 0 and time < spans[index][1]
