"""What the commands `python -m hotspot_core.<verb>` share: help with examples, and one line on bad input."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

from hotspot_core.errors import InputError, OutOfMemoryError

# Module -> the extra that brings it; all others come with `train`.
EXTRAS = {"torch": "torch", "torchvision": "torch", "jinja2": "torch", "av": "video"}


def parser(verb: str, description: str, examples: str) -> argparse.ArgumentParser:
    """An argument parser whose help ends with examples."""
    return argparse.ArgumentParser(
        prog=f"python -m hotspot_core.{verb}",
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def comma_list(text: str) -> list[str]:
    """The names in a text, separated by commas; a type for `add_argument`."""
    return [name.strip() for name in text.split(",") if name.strip()]


def comma_numbers(text: str) -> list[int]:
    """Whole numbers of at least 1, separated by commas; a type for `add_argument`."""
    try:
        numbers = [int(number) for number in comma_list(text)]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: give whole numbers, such as 7,20") from error
    if not numbers or min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give numbers of at least 1")
    return numbers


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as Ctrl-C does, but with the status 143."""


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Within, SIGTERM raises `Terminated`, so that what is done is finished and kept.

    Only the main thread gets signals; in others nothing is changed.
    """
    if current_thread() is not main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def extras(module: str, extra: str | None = None) -> Iterator[None]:
    """Around the imports of a command's module that an extra brings: where one is missing, `python -m` says so in one
    line and exits with 2, also for `--help`.

    Args:
        module: its `__name__`; imported by its name, it raises as ever.
        extra: that brings all of them; None for the one of `EXTRAS`.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        line = _what_to_install(error, extra)
        if module != "__main__" or line is None:
            raise
        print(line, file=sys.stderr)
        sys.exit(2)


def _what_to_install(error: ModuleNotFoundError, extra: str | None) -> str | None:
    """None where it is a module of ours."""
    if error.name is None or error.name.startswith("hotspot_core"):
        return None
    extra = extra or EXTRAS.get(error.name.partition(".")[0], "train")
    return f"error: the module {error.name!r} is not installed: pip install '.[{extra}]' in the repository"


def run(command: Callable[[list[str] | None], None], args: list[str] | None = None, extra: str | None = None) -> int:
    """Runs a command.

    Args:
        extra: that brings all it needs; None for that of the missing module.

    Returns:
        Its exit status: 0; 2 where its input is bad or a package is not installed and 1 where memory has run out, each
        after one line on the standard error output; 130 after Ctrl-C, 143 after `Terminated`.
    """
    try:
        command(args)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (OutOfMemoryError, MemoryError) as error:
        print(f"error: {str(error) or 'out of memory'}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        line = _what_to_install(error, extra)
        if line is None:
            raise
        print(line, file=sys.stderr)
        return 2
    except Terminated:
        return 143
    except KeyboardInterrupt:
        return 130
    return 0
