"""A bench record as Markdown tables, of which its page is made."""

from __future__ import annotations

from typing import Any

from experiments.tables import MISSING, markdown_table

FORMAT = "single-net bench 3"
MIB = 1 << 20


def table(record: dict[str, Any]) -> str:
    """Ratios measured in one run, as a Markdown table with what is to be known about it."""
    header = ("What", "This project", "Compared with", "Ratio", "Of the physical limit")
    results, machine = record["results"], record["machine"]
    rows = [
        *_drawing(results["drawing"]),
        *_training(results["training_step"], machine),
        *_embedding(results, machine),
        *_retrieval(results["evaluation"]),
        *_images(results["images"]),
        *_classes(results["scale"]),
    ]
    return f"{markdown_table(header, rows, 'lrlrr')}\n\n{_explanation(record)}"


def hours(record: dict[str, Any]) -> str:
    """How long COCO's configurations take on the measured hardware, as a Markdown table."""
    header = ("Hardware", "Configuration", "Samples/s", "Of the physical limit", "Hours an epoch", "Epochs", "Hours")
    rate = record["machine"]["matrix_rate"]
    rows = [
        (
            record["machine"]["device"],
            f"COCO {variant}, {estimate['size']} px, {estimate['precision']}",
            _number(estimate["samples_per_second"]),
            _percent(estimate["samples_per_second"] * estimate["flops_per_sample"] / rate[estimate["precision"]]),
            _number(estimate["hours_per_epoch"]),
            f"{estimate['epochs']:g}",
            _number(estimate["hours"]),
        )
        for variant, estimate in record["results"]["scale"]["coco"].items()
    ]
    return markdown_table(header, rows, "llrrrrr")


def profile(record: dict[str, Any]) -> str:
    """Where the time of a training step goes, as a Markdown table."""
    of_sizes = record["results"]["step_profile"]
    header = ("Part of a step in bfloat16", *(f"{size} px" for size in of_sizes))
    first = next(iter(of_sizes.values()))
    rows = [(name, *(_percent(shares[name]) for shares in of_sizes.values())) for name in first]
    return markdown_table(header, rows, "l" + "r" * len(of_sizes))


def _drawing(drawing: dict) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for size, measured in drawing.items():
        speed = measured["captions_per_second"]
        rows.append(
            (
                f"Captions encoded, {size} px",
                f"{_number(speed['batch'])}/s",
                f"one by one, NumPy and Pillow: {_number(speed['one_by_one'])}/s",
                _times(speed["batch"] / speed["one_by_one"]),
                _percent(measured["bytes_per_second"]["batch"] / measured["bytes_per_second"]["copy_large"]),
            )
        )
    return rows


def _training(training: dict, machine: dict) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for size, measured in training.items():
        speed = measured["samples_per_second"]
        for name in [name for name in speed if not name.startswith("plain")]:
            arithmetic = "float32" if name == "float32" else measured["precision"]
            plain, rate = "float32", speed["plain"]
            if arithmetic == "bfloat16" and "plain bfloat16" in speed:
                plain, rate = "bfloat16", speed["plain bfloat16"]
            rows.append(
                (
                    f"Training, {size} px, {arithmetic}{', compiled' if name == 'compiled' else ''}",
                    f"{_number(speed[name])} samples/s",
                    f"plain facenet-pytorch loop, {plain}: {_number(rate)}/s",
                    _times(speed[name] / rate),
                    _percent(speed[name] * measured["flops_per_sample"] / machine["matrix_rate"][arithmetic]),
                )
            )
    return rows


def _embedding(results: dict, machine: dict) -> list[tuple[str, ...]]:
    embedding = results["evaluation"]["embedding"]
    training = results["training_step"][str(embedding["size"])]
    step, rate = training["samples_per_second"]["bfloat16"], machine["matrix_rate"][training["precision"]]
    return [
        (
            f"Embedding {what}, {embedding['size']} px, {training['precision']}",
            f"{_number(speed)}/s",
            f"training on them: {_number(step)}/s",
            _times(speed / step),
            _percent(speed * embedding["flops_per_sample"] / rate),
        )
        for what, speed in embedding["samples_per_second"].items()
    ]


def _retrieval(evaluation: dict) -> list[tuple[str, ...]]:
    whole, near = evaluation["retrieval"], evaluation["nearest"]
    what = {
        f"Evaluation, {whole['images']:,} × {whole['captions']:,}, all measures": whole,
        f"{near['k']} nearest of {near['gallery']:,} on disk, {near['queries']:,} queries": near,
    }
    rows: list[tuple[str, ...]] = []
    for name, measured in what.items():
        extra = f", {measured['extra_bytes'] / MIB:,.0f} MiB" if "extra_bytes" in measured else ""
        product = f"one matrix product of that size: {_number(measured['product_seconds'])} s"
        share = _percent(measured["product_seconds"] / measured["seconds"])
        rows.append((name, f"{_number(measured['seconds'])} s{extra}", product, MISSING, share))
    return rows


def _images(images: dict) -> list[tuple[str, ...]]:
    speeds = {size: measured["images_per_second"] for size, measured in images["sizes"].items()}
    return [
        (
            f"Images decoded, {' × '.join(map(str, images['median_pixels']))} to {size} px",
            f"{_number(speed['decoded'])}/s, into the cache {_number(speed['prepared'])}/s",
            f"at full size, then shrunk: {_number(speed['whole'])}/s",
            _times(speed["decoded"] / speed["whole"]),
            MISSING,
        )
        for size, speed in speeds.items()
        if size in (min(speeds, key=int), max(speeds, key=int))
    ]


def _classes(scale: dict) -> list[tuple[str, ...]]:
    head, books = scale["head"], scale["bookkeeping"]
    few, many = min(head["step"], key=int), max(head["step"], key=int)
    step, alone = ((head[name][many] - head[name][few]) * 1000 for name in ("step", "head"))
    grown = max(book["bytes"][-1] - book["bytes"][0] for book in books.values()) / MIB
    return [
        (
            f"{int(many):,} classes instead of {int(few):,}",
            f"{step:+.0f} ms a step",
            f"the head alone: {alone:+.0f} ms",
            MISSING,
            MISSING,
        ),
        ("Memory through an epoch of COCO's batches", f"{grown:+.1f} MiB", MISSING, MISSING, MISSING),
    ]


def _explanation(record: dict) -> str:
    machine, drawing = record["machine"], record["results"]["drawing"]
    written = [rates["bytes_per_second"] for rates in drawing.values()]
    speed = [rates["captions_per_second"] for rates in drawing.values()]
    copies = ", ".join(f"{rates['copy_large'] / 1e9:.3g}" for rates in written)
    cached = ", ".join(_percent(rates["batch"] / rates["copy_batch"]) for rates in written)
    new = ", ".join(_percent(rates["large"] / rates["clone_large"]) for rates in written)
    saved = ", ".join(_times(rates["batch"] / rates["one_by_one_png"]) for rates in speed)
    rates = ", ".join(f"{rate / 1e12:.3g} TFLOP/s in {name}" for name, rate in machine["matrix_rate"].items())
    sentences = (
        f"One run of `make bench` on {machine['device']}; medians over alternating rounds;",
        "image decoding is the best of three runs, evaluation a single one.",
        f"Physical limit of drawing: bytes written, against a plain copy too large for caches ({copies} GB/s);",
        f"of the network: its floating point operations, against the fastest matrix product ({rates});",
        "of retrieval: that matrix product.",
        f"An encoded batch ({next(iter(drawing.values()))['batch']} captions) is small enough for caches: of a copy",
        f"that stays inside them drawing reaches {cached} (at {', '.join(drawing)} px).",
        f"Thousands of captions, drawn into new memory, reach {new} of a clone.",
        "Where drawing one by one also saves each caption as PNG, as the authors' related code does, this project is",
        f"{saved} as fast.",
    )
    return " ".join(sentences)


def _number(value: float) -> str:
    """Three digits, or all of a large number: 0.123, 12.3, 12,345."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _times(ratio: float) -> str:
    return f"{_number(ratio) if ratio < 10 else f'{ratio:,.0f}'}×"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
