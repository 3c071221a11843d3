"""A figure for the docs: scenes, one caption of each as encoded text, and the same caption spoken, as encoded sound."""

from __future__ import annotations

import textwrap
from pathlib import Path

from encoded_sound import SAMPLE_RATE, SoundImageEncoder
from encoded_sound.speech.speaker import Speaker
from encoded_sound.speech.voices import voices_of
from encoded_text import Layout, TextImageEncoder
from encoded_text.common.files import replacing
from experiments.figures.framed import show_framed
from single_net.data.load import load_dataset

SHOWN = 3  # images, one in the middle of each third of the test split: chosen by position
SIZE = 96  # px of the encoded sound, as on Flickr8k


def draw(path: Path) -> None:
    """The figure as a PNG; no trained network is needed. Raises InputError if the extra `sound` is missing."""
    from matplotlib import pyplot as plt

    data = load_dataset("scenes", split="test")
    encoder = TextImageEncoder.fit(load_dataset("scenes", split="train").flat_captions, Layout.paper(), seed=0)
    sound = SoundImageEncoder(SIZE)
    plt.rcParams["font.family"] = "DejaVu Sans"
    figure, axes = plt.subplots(SHOWN, 4, figsize=(9.4, 2.3 * SHOWN), layout="constrained")
    with Speaker() as speaker:
        for line, row in enumerate(axes):
            i = len(data) * (2 * line + 1) // (2 * SHOWN)
            caption, voice = data.captions[i][0], voices_of("test", data.ids[i], 5)[0]
            clip = speaker.speak(caption, voice)
            words, *shown = row
            seconds = len(clip) / SAMPLE_RATE
            text = f"{textwrap.fill(caption, 22)}\n\n{voice.voice}, {voice.rate} words/min\n{seconds:.1f} s"
            words.text(0.98, 0.5, text, ha="right", va="center", fontsize=9)
            words.axis("off")
            images = (data.images[i], encoder.transform([caption])[0], sound.transform([clip])[0])
            for axis, image in zip(shown, images, strict=True):
                show_framed(axis, image, interpolation="nearest")
    for axis, title in zip(axes[0], ("caption and voice", "image", "encoded text", "encoded sound"), strict=True):
        axis.set_title(title, fontsize=10, color="#444444")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
    plt.close(figure)
