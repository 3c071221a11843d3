"""Search by sound: files as queries, over HTTP, and a page that plays one into the microphone."""

from __future__ import annotations

import base64
import io
import json
import time
import warnings

import numpy as np
import pytest
from browser import chromium
from PIL import Image
from waiting import wait_until

pytest.importorskip("fastapi", reason="the extra serve is not installed")
pytest.importorskip("soundfile", reason="the extra sound is not installed")

from served import EncodingModel, HearingModel, captioned_service, client_of, pitch, running, tone

from encoded_sound import SoundImageEncoder, read_sound
from encoded_text import InputError
from single_net.search.answer import answer_json, answer_sheet
from single_net.search.embedding_model import encode_sound, read_sound_for
from single_net.search.query import is_image_file, is_sound_file, search


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SINGLE_NET_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield captioned_service(tmp_path_factory.mktemp("captioned"), HearingModel())


@pytest.fixture(scope="module")
def client(service):
    return client_of(service)


def post(client, data: bytes, kind: str = "audio/wav", **query):
    return client.post("/api/search/sound", content=data, headers={"content-type": kind}, params=query)


def test_what_is_heard_is_found(client):
    assert client.get("/api/info").json()["sound"] is True
    for frequency, color in ((300, "red"), (3000, "blue")):
        answer = post(client, tone(frequency, 44_100), k=3).json()
        assert answer["found"] == "images" and len(answer["results"]) == 3
        assert all(color in hit["caption"] for hit in answer["results"])
        drawn = base64.b64decode(answer["encoded_sound"].removeprefix("data:image/png;base64,"))
        expected = SoundImageEncoder(96).transform([read_sound(tone(frequency, 44_100))])[0]
        assert np.array_equal(np.array(Image.open(io.BytesIO(drawn))), expected)
    assert post(client, tone(300), find="captions").json()["found"] == "captions"


def test_what_is_no_sound_is_refused_in_one_line(client):
    for data, kind, status, word in (
        (b"", "audio/wav", 400, "empty"),
        (b"words", "audio/wav", 400, "no sound that can be read"),
        (b"\x1a\x45\xdf\xa3" + bytes(99), "audio/webm", 400, "WebM"),
        (tone(300), "text/plain", 415, "Content-Type"),
        (bytes(20 * 2**20 + 1), "audio/wav", 413, "bytes"),
    ):
        response = post(client, data, kind)
        assert response.status_code == status, response.text
        [line] = response.json()["error"].splitlines()
        assert word in line


def test_a_model_without_sound_says_so(tmp_path):
    with client_of(captioned_service(tmp_path, EncodingModel())) as client:
        assert client.get("/api/info").json()["sound"] is False
        response = post(client, tone(300))
        assert response.status_code == 400 and "takes no sound" in response.json()["error"]


def test_a_sound_file_is_a_query(service, tmp_path):
    path = tmp_path / "low.wav"
    path.write_bytes(tone(300))
    index, model, images = service._index, service._model, service._images
    answer = search(index, model, str(path), k=2)
    assert answer.kind == "images" and not answer.is_image and answer.sound is not None
    assert all("red" in hit.item.text for hit in answer.hits)
    record = json.loads(answer_json(answer, images))
    assert record["query_is_sound"] and not record["query_is_image"]
    [line] = answer_sheet(index, [answer], images).sections[0].lines
    assert line.query.note == "low.wav" and line.query.image is not None


def test_names_of_sounds(tmp_path):
    (tmp_path / "a.WAV").write_bytes(b"")
    assert is_sound_file(str(tmp_path / "a.WAV")) and not is_image_file(str(tmp_path / "a.WAV"))
    for sentence in ("a dog", "a dog barks.wav", "wav", "flac."):
        assert not is_sound_file(sentence)
    for missing in ("bark.wav", "bark.mp3", "my sounds/bark.webm"):
        with pytest.raises(InputError, match="no such sound file"):
            is_image_file(missing)


@pytest.mark.slow
def test_the_page_records_what_the_microphone_hears(service, tmp_path):
    """Chromium plays a file into its microphone; a sound is dropped on the page as well."""
    pytest.importorskip("uvicorn", reason="the extra serve is not installed")
    (tmp_path / "said.wav").write_bytes(tone(3000, 48_000, 10))
    said = f"--use-file-for-fake-audio-capture={tmp_path / 'said.wav'}"
    microphone = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", said)

    def text(selector: str) -> str:  # in one script: the page may replace it between two calls
        return browser.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    with running(service) as address, chromium(tmp_path / "profile", *microphone) as browser:
        browser.get(address)
        button = browser.find_element("id", "record")
        wait_until(button.is_displayed)
        button.click()
        wait_until(lambda: button.text == "Stop and search")
        time.sleep(1.5)
        button.click()
        wait_until(lambda: "nearest first" in text("#status"))
        assert "blue" in text("#results > li")
        assert browser.find_element("css selector", "#query .encoded").is_displayed() and button.text == "Record"
        assert abs(pitch(service._model.heard[-1]) - 3000) < 50
        drop = """
        const bytes = Uint8Array.from(atob(arguments[0]), c => c.charCodeAt(0)), data = new DataTransfer();
        data.items.add(new File([bytes], "low.wav", {type: "audio/wav"}));
        document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        """
        browser.execute_script(drop, base64.b64encode(tone(300, 44_100)).decode())
        wait_until(lambda: "low.wav" in text("#query"))
        wait_until(lambda: "red" in text("#results > li"))
        assert abs(pitch(service._model.heard[-1]) - 300) < 5
        assert browser.get_log("browser") == []


def test_a_long_sound_is_told_once():
    class Model(HearingModel):
        def encode_sound(self, clips):
            self.sound.transform(clips)  # as a real model does
            return super().encode_sound(clips)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model = Model()
        encode_sound(model, read_sound_for(model, tone(300, seconds=9)))
    assert [str(one.message) for one in told] == ["1 of 1 sounds are longer than the 6 s of an image and are cut off"]
