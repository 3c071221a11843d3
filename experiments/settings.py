"""Settings of a configuration by their dotted keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from single_net.config import RunConfig

# Where data and runs lie, and the seed, do not tell configurations apart.
ASIDE = ("data.root", "training.seed", "training.init_from")


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings with dotted keys: {"loss": {"centers": "ema"}} -> {"loss.centers": "ema"}."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        result |= flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
    return result


def differences(one: RunConfig, other: RunConfig) -> dict[str, tuple[Any, Any]]:
    """{key: (value in one, value in other)} of the settings that differ, ASIDE left out."""
    a, b = flat(one.to_dict()), flat(other.to_dict())
    return {key: (a[key], b[key]) for key in a if key not in ASIDE and a[key] != b[key]}
