"""Recordings of ROS 2: rosbag2 folders, .mcap and .db3 files, without ROS.

Storages and compressions are those of `rosbags`: MCAP (zstd, lz4 or none), SQLite, and rosbag2's own compression of
messages or files. Image messages are the same in all distributions, so bags that hold no definitions of their types, as
those before ROS 2 Iron, are read as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from hotspot_core.errors import InputError
from hotspot_core.media.image_messages import decode_compressed_image, decode_image
from hotspot_core.media.images import Image, images_in

BAG_SUFFIXES = (".mcap", ".db3")
RAW, COMPRESSED = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"
# What compressed_depth_image_transport sends is no picture.
_DEPTH_TRANSPORT = "/compressedDepth"
_ENCODING = "cdr"


class BagMessage(NamedTuple):
    """A message of a bag as it lies there.

    Attributes:
        connection: of the reader; it has the topic and the type.
        log_time: when it was recorded, in nanoseconds.
        time: the same in seconds since the bag's first message.
        data: serialized.
    """

    connection: Any
    log_time: int
    time: float
    data: bytes


class OpenBag:
    """A bag that is open; made by `open_bag`.

    Attributes:
        path: the folder or file.
        start, stop: nanoseconds of the first message and after the last one; 0 in an empty bag.
        connections: of the reader, one for each topic, type and quality of service.
    """

    def __init__(self, path: Path, reader: Any) -> None:
        self.path = path
        self._reader = reader
        self.connections = list(reader.connections)
        empty = not reader.message_count
        self.start, self.stop = (0, 0) if empty else (int(reader.start_time), int(reader.end_time))

    @property
    def duration(self) -> float:
        """Seconds from the first message to the last one."""
        return 1e-9 * max(0, self.stop - self.start - 1)

    @property
    def image_topics(self) -> list[str]:
        """The topics with pictures, sorted."""
        pictures = [each for each in self.connections if each.msgtype in (RAW, COMPRESSED)]
        return sorted({each.topic for each in pictures if not each.topic.endswith(_DEPTH_TRANSPORT)})

    def image_topic(self, name: str | None) -> str:
        """The topic of that name; of None the only one there is.

        Raises:
            InputError: there is none of that name, it has no images or no messages, or one has to be chosen.
        """
        topics, here = self.image_topics, f"bag {str(self.path)!r}"
        if not topics:
            types = ", ".join(sorted({f"{each.topic} ({each.msgtype})" for each in self.connections})) or "none at all"
            raise InputError(f"{here} has no topic with images ({RAW} or CompressedImage); its topics: {types}")
        if name is None:
            if len(topics) > 1:
                raise InputError(f"{here} has several topics with images: choose one of {', '.join(topics)}")
            return topics[0]
        name = f"/{name.lstrip('/')}"
        if name not in topics:
            raise InputError(f"{here} has no images on topic {name!r}: choose one of {', '.join(topics)}")
        return name

    def message_count(self, topic: str) -> int:
        """Of a topic."""
        return sum(each.msgcount for each in self.connections if each.topic == topic)

    def messages(self, topic: str | None = None, start: float = 0.0, stop: float | None = None) -> Iterator[BagMessage]:
        """In the order of recording.

        Args:
            topic: None for all.
            start, stop: seconds since the bag's first message; messages at `stop` are left out, None for no end.

        Raises:
            InputError: the bag is damaged.
        """
        connections = [each for each in self.connections if topic in (None, each.topic)]
        if not connections:
            return
        first = None if start <= 0 else self.start + round(1e9 * start)
        last = None if stop is None else self.start + round(1e9 * stop)
        with bag_errors(self.path):
            messages = self._reader.messages(connections, start=first, stop=last)
        while True:
            with bag_errors(self.path):
                found = next(messages, None)
            if found is None:
                return
            connection, log_time, data = found
            yield BagMessage(connection, log_time, 1e-9 * (log_time - self.start), data)


def deserialized(message: BagMessage) -> Any:
    """A message of sensor_msgs as an object with its fields.

    Raises:
        InputError: it is damaged, or its type is none of the standard ones.
    """
    connection = message.connection
    where = f"message of topic {connection.topic!r} at {message.time:.3f} s"
    if connection.ext.serialization_format != _ENCODING:
        raise InputError(f"{where} is {connection.ext.serialization_format!r}, not {_ENCODING}: record with ROS 2")
    try:
        return standard_types().deserialize_cdr(message.data, connection.msgtype)
    except Exception as error:
        raise InputError(f"{where} cannot be read as {connection.msgtype}: {_reason(error)}") from None


def decoded(message: Any) -> Image:
    """A deserialized Image or CompressedImage as (H, W, 3) uint8 RGB; InputError where it cannot be decoded."""
    return decode_compressed_image(message) if hasattr(message, "format") else decode_image(message)


def stamp_of(message: Any) -> int:
    """Of a deserialized message's header, in nanoseconds."""
    return int(message.header.stamp.sec) * 10**9 + int(message.header.stamp.nanosec)


def is_bag(path: Path) -> bool:
    """Whether a path is that of a bag: a .mcap or .db3 file, or a folder with metadata.yaml, or with such files and no
    pictures."""
    if path.is_dir():
        files = any(path.glob("*.mcap*")) or any(path.glob("*.db3*"))
        return files and ((path / "metadata.yaml").is_file() or not images_in(path))
    return path.suffix.lower() in BAG_SUFFIXES


def split_topic(text: str) -> tuple[Path, str | None]:
    """What "drive.mcap#/camera/image_raw" names: a path and a topic, None where the text names none."""
    place, mark, topic = text.partition("#")
    if mark and topic and not Path(text).exists() and is_bag(Path(place)):
        return Path(place), topic
    return Path(text), None


def names_bag(text: str | Path) -> bool:
    """Whether a text names a bag, with a topic or without."""
    return is_bag(split_topic(str(text))[0])


@contextmanager
def open_bag(path: Path) -> Iterator[OpenBag]:
    """A bag.

    Raises:
        InputError: there is none, it is truncated or damaged, or `rosbags` is not installed.
    """
    try:
        from rosbags.rosbag2 import Reader
    except ModuleNotFoundError:
        raise InputError("reading bags needs rosbags: pip install 'hotspot_core[bags]'") from None
    if not path.exists():
        raise InputError(f"bag {str(path)!r} does not exist")
    if path.is_dir() and not (path / "metadata.yaml").is_file():
        raise InputError(f"bag {str(path)!r} has no metadata.yaml: run 'ros2 bag reindex', or name the file in it")
    with bag_errors(path):
        reader = Reader(path)
        reader.open()
    try:
        with bag_errors(path):
            bag = OpenBag(path, reader)
        yield bag
    finally:
        with suppress(Exception):
            reader.close()


@contextmanager
def bag_errors(path: Path) -> Iterator[None]:
    """What a bag's reader raises becomes an InputError. Of a damaged file that may be anything: its decompressors' and
    its database's own errors, failed assertions, and those of `struct`."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise InputError(f"bag {str(path)!r} cannot be read: {_reason(error)}{_remedy(path, error)}") from None


@lru_cache(maxsize=1)
def standard_types() -> Any:
    """The types that come with ROS 2, as `rosbags` keeps them."""
    from rosbags.typesys import Stores, get_typestore

    return get_typestore(Stores.ROS2_JAZZY)


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return text or type(error).__name__


def _remedy(path: Path, error: Exception) -> str:
    """What helps: a recorder that was killed leaves an MCAP without its end."""
    if "Profile" in str(error):
        return ": give a recording of ROS 2"
    mends = ".mcap" in path.name or (path.is_dir() and any(path.glob("*.mcap")))
    return ": truncated or damaged? 'mcap recover' saves what is whole" if mends else ": truncated or damaged?"
