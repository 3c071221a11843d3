"""Settings of a configuration by their dotted keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from single_net.config import RunConfig

# What does not tell configurations apart: where data lie, the seed, how often a run is saved, and torch.compile, whose
# results differ by rounding alone.
ASIDE = (
    *("data.root", "data.image_folder", "data.columns"),
    *("training.seed", "training.checkpoint_minutes", "training.compile"),
)


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings with dotted keys: {"loss": {"centers": "ema"}} -> {"loss.centers": "ema"}."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        result |= flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
    return result


def comparable(config: RunConfig) -> dict[str, Any]:
    """The settings that make a training what it is, by dotted key; of the run that it goes on from, whether there is
    one."""
    settings = flat(config.to_dict())
    prefixes = tuple(f"{key}." for key in ASIDE)
    kept = {key: value for key, value in settings.items() if not f"{key}.".startswith(prefixes)}
    return kept | {"training.init_from": bool(config.training.init_from)}


def differences(one: RunConfig, other: RunConfig) -> dict[str, tuple[Any, Any]]:
    """{key: (value in one, value in other)} of the comparable settings that differ."""
    a, b = comparable(one), comparable(other)
    return {key: (a.get(key), b.get(key)) for key in {**a, **b} if a.get(key) != b.get(key)}
