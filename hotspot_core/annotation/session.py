"""The images of a folder with what is marked on them: what the server serves."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from hotspot_core.annotation.document import AnnotationDocument, FileChangedError
from hotspot_core.annotation.guess import ModelGuess
from hotspot_core.annotation.marks import parse_marks
from hotspot_core.errors import InputError
from hotspot_core.media.images import IMAGE_SUFFIXES, Image, faults, images_in, read_image
from hotspot_core.media.writers import encode_picture

# Decoded images that are kept, as the next question is mostly about one of them.
KEPT_IMAGES = 4
JPEG_QUALITY = 93


class ConflictError(Exception):
    """Marks that were made on an older state of an image.

    Attributes:
        current: its state now.
    """

    def __init__(self, text: str, current: dict[str, Any]) -> None:
        super().__init__(text)
        self.current = current


class AnnotationSession:
    """May be used from several threads.

    Args:
        folder: with images, also in its subfolders; links out of it are passed over.
        document: the annotation file.
        guess: the model that may be asked.

    Attributes:
        folder: resolved.
        images: paths of the images, sorted.

    Raises:
        InputError: the folder has no images, or the file's entries belong to images of other shapes.
    """

    def __init__(self, folder: Path, document: AnnotationDocument, guess: ModelGuess) -> None:
        self.folder = folder.resolve()
        self.document = document
        found = [path.resolve() for path in images_in(folder, below=True) if path.is_file()]
        self.images = list(dict.fromkeys(path for path in found if path.is_relative_to(self.folder)))
        if not self.images:
            raise InputError(f"folder {str(folder)!r} has no images ({', '.join(IMAGE_SUFFIXES)})")
        self._guess = guess
        self._lock = Lock()
        self._versions = [0] * len(self.images)
        self._kept: OrderedDict[int, Image] = OrderedDict()
        self._check_shapes()

    def _check_shapes(self) -> None:
        """Entries of images that are there must fit them; those of others stay in the file as they are."""
        existing = set(self.images)
        entries = self.document.annotations.entries if self.document.annotations else ()
        present = [entry for entry in entries if entry.image.resolve() in existing]
        once = {(entry.image, entry.size_hw, len(entry.points) > 0): entry.read_image for entry in present}
        wrong = faults(once, workers=4)
        if wrong:
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            raise InputError(f"{self.document.path}: {next(iter(wrong.values()))}{more}")

    def overview(self) -> dict[str, Any]:
        """Actions, and of every image its name and status."""
        names = [path.relative_to(self.folder).as_posix() for path in self.images]
        with self._lock:
            status = [self.document.status(path) for path in self.images]
        return {
            "actions": list(self.document.actions),
            "file": str(self.document.path),
            "images": [{"name": name, "status": one} for name, one in zip(names, status, strict=True)],
        }

    def image(self, index: int) -> Image:
        """An image of the folder, upright.

        Raises:
            IndexError: there is none of this number.
            InputError: it cannot be read, or is by now a link out of the folder.
        """
        if not 0 <= index < len(self.images):
            raise IndexError(index)
        with self._lock:
            if index in self._kept:
                self._kept.move_to_end(index)
                return self._kept[index]
        path = self.images[index]
        if path.resolve() != path:
            raise InputError(f"{path.name}: has become a link: start again")
        image = read_image(path)
        with self._lock:
            self._kept[index] = image
            while len(self._kept) > KEPT_IMAGES:
                self._kept.popitem(last=False)
        return image

    def picture(self, index: int) -> bytes:
        """The image as JPEG, whatever its format and orientation are in the folder; errors as of `image`."""
        return encode_picture(self.image(index), ".jpg", JPEG_QUALITY)

    def state(self, index: int) -> dict[str, Any]:
        """Marks, version, size and status of an image; errors as of `image`, and of `AnnotationDocument.marks`."""
        size_hw = self._size(index)
        with self._lock:
            return self._state(index, size_hw)

    def save(self, index: int, document: Any) -> dict[str, Any]:
        """Takes marks that were made on version `document["version"]` of an image; they are in the file on return.

        Returns:
            The new state.

        Raises:
            ConflictError: the image has another version by now, or the file was changed; nothing is saved.
            InputError: the marks are wrong, the image cannot be read, or the file cannot be written.
            IndexError: there is no image of this number.
        """
        size_hw = self._size(index)
        if not isinstance(document, dict) or type(document.get("version")) is not int:
            raise InputError("'version' must be the number of the image's version")
        marks = parse_marks(document.get("marks"), self.document.known, size_hw)
        with self._lock:
            current = self._state(index, size_hw)
            if document["version"] != self._versions[index]:
                text = "Changed in another tab or window: its marks are shown now, your last change was not saved."
                raise ConflictError(text, current)
            try:
                self.document.save(self.images[index], marks, size_hw)
            except FileChangedError as error:
                raise ConflictError(f"Not saved: {error}. Stop hotspot-annotate and start it again.", current) from None
            self._versions[index] += 1
            return self._state(index, size_hw)

    def guess(self, index: int, action: str) -> dict[str, Any]:
        """See `ModelGuess.guess`; also errors as of `image`."""
        return self._guess.guess(self.image(index), action)

    def counts(self) -> dict[str, int]:
        """Status -> number of images."""
        status: Sequence[str] = [one["status"] for one in self.overview()["images"]]
        return {name: status.count(name) for name in ("done", "begun", "skipped", "new")}

    def _size(self, index: int) -> tuple[int, int]:
        height, width = self.image(index).shape[:2]
        return height, width

    def _state(self, index: int, size_hw: tuple[int, int]) -> dict[str, Any]:
        path = self.images[index]
        return {
            "version": self._versions[index],
            "marks": self.document.marks(path, size_hw).to_json(),
            "width": size_hw[1],
            "height": size_hw[0],
            "status": self.document.status(path),
        }
