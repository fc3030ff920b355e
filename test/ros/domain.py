"""A ROS domain of a test run's own."""

from __future__ import annotations

import fcntl
import os
import random
import tempfile
from pathlib import Path
from typing import TextIO

# Those that ROS 2 advises on every platform, without 0, which is everybody's.
DOMAINS = range(1, 102)

_claims: list[TextIO] = []


def claim_domain() -> int:
    """Has this process, and those that it starts, use a domain on this machine only that no other run has claimed.

    The claim is a lock on a file, which ends with the process. Where all are claimed, one is shared.
    """
    domain = next((number for number in random.sample(DOMAINS, len(DOMAINS)) if _claim(number)), DOMAINS[0])
    os.environ["ROS_DOMAIN_ID"] = str(domain)
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    return domain


def _claim(number: int) -> bool:
    path = Path(tempfile.gettempdir()) / f"hotspot_ros_test_domain_{number}.lock"
    try:
        file = path.open("a")
    except OSError:  # Another user's.
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return False
    _claims.append(file)
    return True
