"""The record of a check as Markdown tables, with what limits each speed."""

from __future__ import annotations

from typing import Any

from experiments.gpu_check import children
from experiments.gpu_check.speed_lines import LINES
from experiments.tables import MISSING, markdown_table

FORMAT = "single-net gpu check 1"
TITLE = "# GPU check"
BANDWIDTH = 2  # bytes moved by a copy, for each byte written
BUSY = 0.8  # a GPU that computes for less of a step waits for its kernels to be launched
NEAR = 0.6  # share of a limit from which on it is named as what limits
FED = 1.2  # times the training's rate; a feed below it limits

SPEED_HEADER = ("What", "Batch", "Measured", "Goal (H100)", "Eager", "Feed", "Arithmetic", "Bandwidth", "Limited by")
TRAINING_HEADER = (
    *(
        "Run",
        "Samples",
        "Samples/s",
        "Training",
        "Memory",
        "R@1/5/10 image to sentence",
        "sentence to image",
        "Outcome",
    ),
)


def markdown(record: dict[str, Any]) -> str:
    """All tables, as far as the record goes."""
    parts = [TITLE, f"On {record['device']}."]
    if record["small"]:
        parts.append("Without a GPU everything is tiny: the numbers mean nothing.")
    if tests := record.get("tests"):
        told = ", ".join(f"{tests[key]} {key}" for key in ("passed", "failed", "skipped"))
        parts += [
            "## Tests marked gpu",
            told + _ended(tests.get("status", 0)),
            *(f"- {line}" for line in tests["failures"]),
        ]
    if (speed := record.get("speed")) and speed["lines"]:
        parts += ["## Speed" + _ended(speed.get("status", 0)), speed_table(speed)]
    if trainings := record.get("trainings"):
        parts += ["## Training", training_table(trainings)]
    return "\n\n".join(parts) + "\n"


def _ended(status: int) -> str:
    """Said where a command did not run to its end."""
    if status == children.STOPPED:
        return " (stopped: its time was over)"
    return f" (ended with status {status})" if status else ""


def speed_table(speed: dict[str, Any]) -> str:
    """Speeds, with their shares of the card's measured matrix product and memory bandwidth."""
    machine = speed["machine"]
    rows = [_row(name, measured, measured.get("machine", machine)) for name, measured in speed["lines"].items()]
    rates = ", ".join(f"{rate / 1e12:.3g} TFLOP/s in {name}" for name, rate in machine["matrix_rate"].items())
    text = (
        f"Measured on {machine['device']}. Shares are of its fastest matrix product ({rates}) and of its memory "
        f"bandwidth ({BANDWIDTH * machine['copy'] / 1e9:,.0f} GB/s, read and written by a copy). Bytes are counted as "
        "if no operation were fused and no cache held anything. Eager: the same step without a CUDA graph. Feed: "
        "batches alone."
    )
    return f"{markdown_table(SPEED_HEADER, rows, 'lrrrrrrrl')}\n\n{text}"


def shares(measured: dict[str, Any], machine: dict[str, Any]) -> tuple[float, float]:
    """Of the card's matrix product and of its bandwidth, 0 to 1, of a line of training or embedding."""
    rate = best(measured)
    of_sample = (
        measured["bytes_per_step"] / measured["samples"]
        if "bytes_per_step" in measured
        else measured["bytes_per_sample"]
    )
    arithmetic = rate * measured["flops_per_sample"] / machine["matrix_rate"][measured["precision"]]
    return arithmetic, rate * of_sample / (BANDWIDTH * machine["copy"])


def best(measured: dict[str, Any]) -> float:
    """Samples a second of a line of training (with the CUDA graph, if there was one) or embedding."""
    if "images_per_second" in measured:
        return float(measured["images_per_second"])
    speed = measured["samples_per_second"]
    return float(speed["captured"] or speed["eager"])


def limit(measured: dict[str, Any], machine: dict[str, Any]) -> str:
    """What keeps a line of training or embedding from being faster, in words."""
    arithmetic, bandwidth = shares(measured, machine)
    speed = measured.get("samples_per_second", {})
    if speed and speed["feed"] < FED * best(measured):
        return "the feed"
    if measured.get("kernel_seconds") and measured["kernel_seconds"] * best(measured) / measured["samples"] < BUSY:
        return f"launches ({measured['kernels']} a step)"
    if max(arithmetic, bandwidth) >= NEAR:
        return "memory bandwidth" if bandwidth > arithmetic else "arithmetic"
    return "kernels that do not fill the card" if measured.get("kernel_seconds") else MISSING


def training_table(trainings: dict[str, dict[str, Any]]) -> str:
    """The trainings, with the results of those that were finished."""
    rows = []
    for name, training in trainings.items():
        result = training.get("result")
        if result is None:
            rows.append((name, *[MISSING] * 6, training["outcome"]))
            continue
        recalls = ("/".join(f"{value:.1f}" for value in recall.values()) for recall in result["recall"].values())
        rows.append(
            (
                *(name, f"{result['samples']:,}", f"{result['samples_per_second']:,.0f}"),
                *(f"{result['seconds'] / 60:.1f} min", f"{result['memory_gib']:.1f} GiB"),
                *(*recalls, training["outcome"]),
            )
        )
    return markdown_table(TRAINING_HEADER, rows, "lrrrrrrl")


def _row(name: str, measured: dict[str, Any], machine: dict[str, Any]) -> tuple[str, ...]:
    line = LINES[name]
    if line.kind == "evaluation":
        product = measured["flops"] / machine["matrix_rate"]["float32"] / measured["seconds"]
        what = f"Evaluation, {measured['images']:,} × {measured['captions']:,}"
        return (
            *(what, MISSING, f"{measured['seconds']:.2f} s", f"{line.goal:g} s", MISSING, MISSING),
            *(_percent(product), MISSING, MISSING),
        )
    arithmetic, bandwidth = shares(measured, machine)
    of_limits = (_percent(arithmetic), _percent(bandwidth), limit(measured, machine))
    goal = _rate(line.goal) if line.goal else MISSING
    if line.kind == "embedding":
        what = f"Embedding, {measured['size']} px, {measured['precision']}"
        return (what, MISSING, _rate(measured["images_per_second"]), goal, MISSING, MISSING, *of_limits)
    speed = measured["samples_per_second"]
    what = f"Training, {measured['size']} px, {measured['precision']}"
    return (
        what,
        str(measured["samples"]),
        _rate(best(measured)),
        goal,
        _rate(speed["eager"]),
        _rate(speed["feed"]),
        *of_limits,
    )


def _rate(value: float) -> str:
    return f"{value:,.0f}/s" if value >= 100 else f"{value:.3g}/s"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1g} %"
