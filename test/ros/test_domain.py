"""The domain of a test run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from domain import DOMAINS

CLAIM = "import domain, os; domain.claim_domain(); print(os.environ['ROS_DOMAIN_ID'], flush=True); input()"


def test_no_two_runs_share_a_domain() -> None:
    """Twenty processes claim one at the same time: each gets one of its own, in the range that ROS 2 advises, and none
    that of this run."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-S", "-c", CLAIM],
            cwd=Path(__file__).parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(20)
    ]
    domains = [int(run.stdout.readline()) for run in runs if run.stdout is not None]
    for run in runs:
        run.communicate("\n", timeout=20)
    taken = [*domains, int(os.environ["ROS_DOMAIN_ID"])]
    assert len(set(taken)) == 21
    assert set(taken) <= set(DOMAINS)
    assert max(DOMAINS) == 101
