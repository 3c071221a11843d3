"""Notices: what a user should know although the work goes on."""

from __future__ import annotations

import os
import warnings


def notice(message: str) -> None:
    """Tell something once, as a warning; of several processes started by torchrun only rank zero does.

    Args:
        message: one line.
    """
    if os.environ.get("RANK", "0") == "0":
        warnings.warn(message, stacklevel=2)
