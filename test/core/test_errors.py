"""Numbers that cannot be used are refused with the range."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from hotspot_core.errors import InputError, check_number


@pytest.mark.parametrize(
    ("value", "options", "reason"),
    [
        (-1, {"low": 0}, "size -1: give a number of at least 0"),
        (0.0, {"low": 0, "above": True}, "size 0: give a number above 0"),
        (0, {"low": 0, "high": 1, "above": True}, "size 0: give a number above 0 and up to 1"),
        (2.5, {"low": 0, "high": 1}, "size 2.5: give a number from 0 to 1"),
        (2.0, {"low": 0, "whole": True}, "size 2.0: give a whole number of at least 0"),
        (math.nan, {"low": 0}, "size nan: give a number of at least 0"),
        (math.inf, {"low": 0}, "size inf: give a number of at least 0"),
        ("1", {"low": 0}, "size '1': give a number of at least 0"),
        (None, {"low": 0}, "size None: give a number of at least 0"),
        (True, {"low": 0}, "size True: give a number of at least 0"),
        (np.float32("nan"), {"low": 0}, "size nan: give a number of at least 0"),
        (np.int64(-2), {"low": 0}, "size -2: give a number of at least 0"),
    ],
)
def test_refused(value: object, options: dict[str, Any], reason: str) -> None:
    """With the name, the value and the range."""
    with pytest.raises(InputError) as caught:
        check_number("size", value, **options)
    assert str(caught.value) == reason


def test_accepted() -> None:
    """Both ends of the range, and numbers of other libraries."""
    for value in (0, 1, 0.5, np.float32(1), np.int64(0), Fraction(1, 3)):
        check_number("size", value, 0, 1)
    check_number("size", 10**400, 0, whole=True)
    check_number("size", np.int64(3), 0, whole=True)
