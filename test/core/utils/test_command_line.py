"""What commands share: lists, and what becomes of errors."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

from hotspot_core.errors import InputError, OutOfMemoryError
from hotspot_core.utils.command_line import comma_list, comma_numbers, run


def test_lists_by_comma() -> None:
    """Names lose the space around them and empty ones are left out; numbers are whole and positive."""
    assert comma_list(" open,pick up ,,close,") == ["open", "pick up", "close"]
    assert comma_list("") == []
    assert comma_numbers("7, 20") == [7, 20]
    for text, reason in (
        ("7,x", "give whole numbers"),
        ("0", "at least 1"),
        ("", "at least 1"),
        ("1,-2", "at least 1"),
    ):
        with pytest.raises(argparse.ArgumentTypeError, match=reason):
            comma_numbers(text)


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (InputError("no such file"), 2, "error: no such file\n"),
        (OutOfMemoryError("too little memory for 3 images"), 1, "error: too little memory for 3 images\n"),
        (MemoryError(), 1, "error: out of memory\n"),
        (
            ModuleNotFoundError("No module named 'lightning'", name="lightning"),
            2,
            "error: the module 'lightning' is not installed: pip install '.[train]' in the repository\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (None, 0, ""),
    ],
    ids=["bad input", "out of memory", "Python's", "package", "Ctrl-C", "none"],
)
def test_exit_statuses(error: BaseException | None, status: int, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Bad input is 2, lack of memory 1, each with one line; a mistake of ours keeps its traceback."""

    def raising(one: BaseException | None) -> Callable[[list[str] | None], None]:
        def command(args: list[str] | None) -> None:
            assert args == ["x"]
            if one is not None:
                raise one

        return command

    assert run(raising(error), ["x"]) == status
    assert capsys.readouterr().err == line
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()), ["x"])


def test_a_missing_module_of_ours_is_a_bug() -> None:
    """It is not turned into advice to install something."""

    def command(args: list[str] | None) -> None:
        raise ModuleNotFoundError(name="hotspot_core.absent")

    with pytest.raises(ModuleNotFoundError):
        run(command)
