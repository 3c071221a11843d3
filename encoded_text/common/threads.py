"""Threads of a computation: how long they wait for each other, and how many there are."""

from __future__ import annotations

import os

# Passes of GNU OpenMP's waiting loop. In a training step a thread waits thousands of times for a moment: sleeping at
# once makes two threads hardly faster than one (96 px, bfloat16, two free cores). Spinning on, OpenMP's default, makes
# them many times slower beside another busy process: they hold the core of the thread they wait for.
SPINS = "5000"


def bound_spinning() -> None:
    """Let waiting threads spin briefly and then sleep, unless OMP_WAIT_POLICY or GOMP_SPINCOUNT says otherwise.

    To be called before torch is imported, which reads these variables. Results do not depend on them. Of the OpenMP
    libraries torch comes with only GNU's has a bound; with others waiting threads sleep at once.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ["OMP_WAIT_POLICY"] = "passive"
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def one_blas_thread() -> None:
    """Let NumPy's matrix products run in one thread from now on: for commands that answer single queries.

    Products of one query are limited by memory and hardly faster in several threads. OpenBLAS's threads spin after each
    of them, and hold the cores that the network needs.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")
