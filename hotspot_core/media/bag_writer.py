"""Writing bags: MCAP in Zstandard, with the definitions of all types, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from hotspot_core.errors import InputError
from hotspot_core.media.bag import BagMessage, OpenBag, standard_types
from hotspot_core.utils.files import write_errors

DEFINITIONS, PACKAGE = Path(__file__).with_name("definitions"), "hotspot_ros"


@lru_cache(maxsize=1)
def hotspot_types() -> Any:
    """The types that come with ROS 2 and those of hotspot_ros, such as hotspot_ros/msg/HotspotArray."""
    from rosbags.typesys import Stores, get_types_from_msg, get_typestore

    store = get_typestore(Stores.ROS2_JAZZY)
    types: dict[str, Any] = {}
    for path in sorted(DEFINITIONS.glob("*.msg")):
        types |= get_types_from_msg(path.read_text(encoding="utf-8"), f"{PACKAGE}/msg/{path.stem}")
    store.register(types)
    return store


class BagWriter:
    """A bag that appears under its name once it is whole, at the end of the `with` block; nothing does if it fails.

    Args:
        path: a .mcap file, or else a rosbag2 folder with one.

    Raises:
        InputError: it exists already, or cannot be written; the latter also by the methods.
    """

    def __init__(self, path: Path) -> None:
        check_is_new(path)
        self._path = path
        # Files and metadata.yaml have the folder's name.
        self._outer = path.with_name(f".partial-{path.name}")
        self._folder = self._outer / path.stem if path.suffix == ".mcap" else self._outer / path.name
        self._connections: dict[Any, Any] = {}

    def __enter__(self) -> BagWriter:
        from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

        shutil.rmtree(self._outer, ignore_errors=True)
        # Version 8 is Jazzy's; later distributions read it as well.
        self._writer = Writer(self._folder, version=8, storage_plugin=StoragePlugin.MCAP)
        self._writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
        with write_errors(self._path):
            self._writer.open()
        return self

    def copy_topics(self, bag: OpenBag, warn: Callable[[str], None]) -> None:
        """Prepares for the messages of another bag; `warn` gets the reason where a topic cannot be copied."""
        for each in bag.connections:
            key = _key(each)
            if key in self._connections:
                continue
            try:
                types = standard_types() if each.msgtype in standard_types().fielddefs else _types_of(each)
                self._connections[key] = self._writer.add_connection(
                    each.topic,
                    each.msgtype,
                    typestore=types,
                    serialization_format=each.ext.serialization_format,
                    offered_qos_profiles=each.ext.offered_qos_profiles,
                )
            except Exception as error:
                reason = " ".join(str(error).split()) or type(error).__name__
                warn(f"{bag.path}: topic {each.topic} is not copied: no definition of {each.msgtype} ({reason})")

    def copy(self, message: BagMessage) -> None:
        """Writes a message of the other bag, if its topic is copied."""
        connection = self._connections.get(_key(message.connection))
        if connection is not None:
            with write_errors(self._path):
                self._writer.write(connection, message.log_time, message.data)

    def write(self, topic: str, log_time: int, message: Any) -> None:
        """Writes a message of `hotspot_types`, recorded at `log_time` in nanoseconds."""
        kind, store = message.__msgtype__, hotspot_types()
        if topic not in self._connections:
            self._connections[topic] = self._writer.add_connection(topic, kind, typestore=store)
        with write_errors(self._path):
            self._writer.write(self._connections[topic], log_time, store.serialize_cdr(message, kind))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is not None:
                self._writer.abort()
                return
            with write_errors(self._path):
                self._writer.close()
                check_is_new(self._path)
                whole = self._folder
                if self._path.suffix == ".mcap":
                    whole = self._folder / f"{self._folder.name}.mcap"
                whole.rename(self._path)
        finally:
            shutil.rmtree(self._outer, ignore_errors=True)


def check_is_new(path: Path) -> None:
    """InputError where a bag would overwrite something."""
    if path.exists():
        raise InputError(f"output bag {str(path)!r} exists already: remove it, or give another name")


def _key(connection: Any) -> tuple[str, str, str]:
    return connection.topic, connection.msgtype, repr(connection.ext)


def _types_of(connection: Any) -> Any:
    """The types that a bag defines for a topic."""
    from rosbags.interfaces import MessageDefinitionFormat
    from rosbags.typesys import Stores, get_types_from_idl, get_types_from_msg, get_typestore

    kind, text = connection.msgdef.format, connection.msgdef.data
    if kind == MessageDefinitionFormat.NONE:
        raise InputError("the bag has none")
    store = get_typestore(Stores.ROS2_JAZZY)
    if kind == MessageDefinitionFormat.MSG:
        types = get_types_from_msg(text, connection.msgtype)
    else:
        rule = "=" * 80 + "\n"
        parts = [part.partition("\n")[2] for part in text.split(rule)[1:]] if text.startswith(rule) else [text]
        types = {name: fields for part in parts for name, fields in get_types_from_idl(part).items()}
    store.register({name: fields for name, fields in types.items() if name not in store.fielddefs})
    return store
