"""Sound in a model: drawn as it was trained, and refused by a model that was not."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import pytest

from encoded_sound import SoundImageEncoder
from encoded_text import InputError
from single_net.inference.identity import describe
from single_net.inference.model import Model
from single_net.search.embedding_model import takes_sound


def test_a_model_without_sound_refuses_and_one_with_it_embeds(untrained_run):
    model = Model.load(untrained_run)
    clip = np.random.default_rng(0).normal(size=20_000).astype(np.float32)
    assert not takes_sound(model)
    with pytest.raises(InputError, match="was trained without sound"):
        model.encode_sound([clip])
    heard = Model.load(untrained_run)
    heard.meta["third"] = {"name": "speech", "encoder": SoundImageEncoder(75, lines=2, seconds=4.0).state()[1]}
    assert takes_sound(heard) and heard.sound.lines == 2
    for alone in (clip, "clip.wav", b"RIFF", None):
        with pytest.raises(InputError, match="a list of sounds, not"):
            heard.encode_sound(alone)
    vectors = heard.encode_sound([clip, clip[:9000]])
    assert vectors.shape == (2, 128) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    image = heard.sound.transform([clip])
    assert np.allclose(heard.encode_image(list(image)), vectors[:1], atol=1e-5)  # an image as any other
    gray = heard.embed_third(image[..., 0])
    assert np.allclose(gray, heard.embed_third(image), atol=1e-6)


def identity(meta: dict) -> str:
    network = {"config": {"network": {"image_size": 96}}, "encoder": {}}
    header = json.dumps({"__metadata__": {"meta": json.dumps(network | meta)}}).encode()
    return describe(io.BytesIO(struct.pack("<Q", len(header)) + header)).identity


def test_how_sound_is_drawn_is_part_of_the_identity_and_models_without_keep_theirs():
    without = identity({})
    assert identity({"third": None}) == without
    one, other = (identity({"third": {"encoder": SoundImageEncoder(96, lines=n).state()[1]}}) for n in (3, 4))
    assert len({without, one, other}) == 3
