"""Checkpoints in repositories of the Hugging Face hub, named as hf://owner/name[/file][@revision].

Only texts that begin with hf:// mean the hub: a plain owner/name is a path, as it always was.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from hotspot_core.errors import InputError

SCHEME = "hf://"
DEFAULT_FILE = "model.safetensors"
FORM = "hf://owner/name[/file][@revision]"
# A path made of the text has lost a slash.
PATTERN = re.compile(r"hf://?(?P<repository>[\w.-]+/[\w.-]+)(?:/(?P<file>[^@]+))?(?:@(?P<revision>.+))?", re.ASCII)


@dataclass(frozen=True)
class HubFile:
    """A file in a repository of the hub.

    Attributes:
        repository: as owner/name.
        file: path within the repository.
        revision: branch, tag or commit; None for the main branch.
    """

    repository: str
    file: str = DEFAULT_FILE
    revision: str | None = None

    def __str__(self) -> str:
        return f"{SCHEME}{self.repository}/{self.file}{f'@{self.revision}' if self.revision else ''}"


def names_hub(source: str | Path) -> bool:
    """Whether a text, or a path that was made of it, means the hub rather than a file."""
    return str(source).startswith(SCHEME if isinstance(source, str) else "hf:/")


def parse_hub(source: str | Path) -> HubFile:
    """What a text that begins with hf:// names.

    Raises:
        InputError: it is not of the form.
    """
    match = PATTERN.fullmatch(str(source))
    if match is None:
        raise InputError(f"{str(source)!r} names no file of a hub: write {FORM}")
    revision = match["revision"]
    if revision and revision.endswith((".safetensors", ".onnx", ".pt2")):
        raise InputError(f"{str(source)!r}: the revision comes last, after the file: write {FORM}")
    return HubFile(match["repository"], match["file"] or DEFAULT_FILE, revision)


@functools.cache
def cached_file(source: HubFile, download: bool = True) -> Path:
    """The file in the local cache. Within a process a name means one file, whatever happens to the repository.

    Args:
        download: whether it may be fetched, and looked for in a newer version than the cache has, over the network
            (unless the variable HF_HUB_OFFLINE is 1); if not, the cache's is taken.

    Raises:
        InputError: huggingface_hub is not installed, there is no such repository, revision or file, or it is not in
            the cache and cannot be fetched.
    """
    hub = hub_library()
    with hub_errors(source, download):
        return Path(
            hub.hf_hub_download(source.repository, source.file, revision=source.revision, local_files_only=not download)
        )


def hub_library() -> ModuleType:
    """The package huggingface_hub.

    Raises:
        InputError: it is not installed.
    """
    try:
        import huggingface_hub
    except ModuleNotFoundError as error:
        raise InputError("hf:// needs the package huggingface_hub: pip install 'hotspot_core[hub]'") from error
    return huggingface_hub


@contextmanager
def hub_errors(source: HubFile, download: bool = True) -> Iterator[None]:
    """What goes wrong with the hub becomes an InputError that names reason and remedy."""
    from huggingface_hub import errors

    try:
        yield
    except errors.LocalEntryNotFoundError as error:
        offline = not download or hub_library().constants.is_offline_mode()
        reason = "the network may not be used" if offline else f"the hub cannot be reached ({_first_line(error)})"
        remedy = "fetch it once with a network (hf download), or give a file"
        raise InputError(f"{source}: not in the cache, and {reason}: {remedy}") from error
    except errors.RevisionNotFoundError as error:
        raise InputError(f"{source}: the repository has no revision {source.revision!r}: name another one") from error
    except errors.EntryNotFoundError as error:
        raise InputError(f"{source}: the repository has no file {source.file!r}: write {FORM}") from error
    except errors.RepositoryNotFoundError as error:
        raise InputError(
            f"{source}: no such repository, or it is private: check the name, or log in with hf auth login"
        ) from error
    except (errors.HfHubHTTPError, errors.HFValidationError, OSError) as error:
        raise InputError(f"{source}: {_first_line(error)}") from error
    except Exception as error:
        # The network's errors are those of httpx or httpx2, whichever this version of the library uses.
        if not type(error).__module__.startswith("httpx"):
            raise
        raise InputError(f"{source}: the hub cannot be reached ({_first_line(error)}): try again later") from error


def _first_line(error: Exception) -> str:
    cause = error.__cause__ or error
    return next((line.strip() for line in str(cause).splitlines() if line.strip()), type(cause).__name__)
