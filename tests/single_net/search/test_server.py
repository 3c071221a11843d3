"""The server: what it answers, and what it refuses."""

from __future__ import annotations

import asyncio
import io
import shutil
import threading
from dataclasses import replace
from urllib.parse import urlsplit

import numpy as np
import pytest
from color_model import ColorModel
from PIL import Image
from shapes import HOSTILE

pytest.importorskip("fastapi", reason="the extra serve is not installed")

from served import BAD_NAME, HOST, SHARED, EncodingModel, captioned_service, client_of, folder_service

from encoded_text import InputError
from single_net.data.dataset import CaptionDataset
from single_net.data.scenes import load_scenes
from single_net.search import guard, server, source
from single_net.search.dataset_items import content_keys, image_items
from single_net.search.guard import Guard, hosts
from single_net.search.indexes import open_index
from single_net.search.indexing import update_index
from single_net.search.query import is_image_file
from single_net.search.source import folder_source


@pytest.fixture(scope="module")
def captioned(tmp_path_factory, module_cache):
    return client_of(captioned_service(tmp_path_factory.mktemp("captioned")))


@pytest.fixture(scope="module")
def module_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SINGLE_NET_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def folder(tmp_path):
    return client_of(folder_service(tmp_path))


def png(color=(200, 40, 40), size=(60, 40)) -> bytes:
    with io.BytesIO() as file:
        Image.new("RGB", size, color).save(file, format="PNG")
        return file.getvalue()


def found(client, **query):
    response = client.post("/api/search", json=query)
    assert response.status_code == 200, response.text
    return response.json()


def refused(response, status: int) -> str:
    """The one line of an error."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert set(response.json()) == {"error"}
    [line] = response.json()["error"].splitlines()
    return line


def test_a_sentence_finds_images_and_says_what_it_left_out(captioned):
    answer = found(captioned, text="A red zebra", k=3)
    assert (answer["words"], answer["unknown"], answer["cut_off"]) == (["a", "red"], ["zebra"], [])
    assert answer["found"] == "images"
    assert len(answer["results"]) == 3 and all("red" in hit["caption"] for hit in answer["results"])
    distances = [hit["distance"] for hit in answer["results"]]
    assert distances == sorted(distances)
    assert answer["encoded_caption"].startswith("data:image/png;base64,")


def test_equal_captions_are_one_result_with_their_count(captioned):
    answer = found(captioned, text=SHARED, find="captions", k=200)
    [hit] = [hit for hit in answer["results"] if hit["caption"] == SHARED]
    assert hit["images"] == 3  # its own, and the two that were given it
    assert hit["file"] is None
    drawn = captioned.get(hit["preview"])
    assert drawn.headers["content-type"] == "image/png"
    encoder = EncodingModel().encoder
    assert np.array_equal(np.array(Image.open(io.BytesIO(drawn.content))), encoder.transform([SHARED])[0])


def test_hostile_captions_are_data(captioned):
    answer = found(captioned, text="a bar", find="captions", k=200)
    assert HOSTILE in [hit["caption"] for hit in answer["results"]]
    assert "text/html" not in captioned.post("/api/search", json={"text": HOSTILE + " red"}).headers["content-type"]


def test_more_like_this_leaves_itself_out(captioned):
    first = found(captioned, text="green", k=1)["results"][0]
    answer = found(captioned, image=first["id"], k=200)
    assert len(answer["results"]) == 11 and first["id"] not in [hit["id"] for hit in answer["results"]]
    assert "green" in answer["results"][0]["caption"]
    caption = found(captioned, text="blue", find="captions", k=1)["results"][0]
    answer = found(captioned, caption=caption["id"], k=1)
    assert answer["found"] == "images" and "blue" in answer["results"][0]["caption"] and answer["encoded_caption"]


def test_an_image_is_searched_by_its_bytes(captioned, folder):
    send = {"content": png(), "headers": {"Content-Type": "image/png"}}
    answer = captioned.post("/api/search/image?k=3", **send).json()
    assert answer["found"] == "captions" and "red" in answer["results"][0]["caption"]
    assert captioned.post("/api/search/image?find=images&k=1", **send).json()["found"] == "images"
    assert folder.post("/api/search/image", **send).json()["found"] == "images"


def test_an_indexed_file_that_is_sent_finds_itself(folder, tmp_path):
    data = (tmp_path / "photos" / "test5.png").read_bytes()
    answer = folder.post("/api/search/image", content=data, headers={"Content-Type": "image/png"}).json()
    assert answer["results"][0]["name"] == "test5.png" and answer["results"][0]["distance"] < 1e-3


def test_images_are_served_by_id_and_drawn_anew(folder, tmp_path):
    results = found(folder, text="red", k=200)["results"]
    assert {BAD_NAME, "50%25 #1?.png"} <= {hit["name"] for hit in results}
    for hit in results:
        for address in (hit["preview"], hit["file"]):
            response = folder.get(address)
            assert response.headers["content-type"] == "image/jpeg"
            assert Image.open(io.BytesIO(response.content)).format == "JPEG"


def test_an_image_that_was_replaced_by_something_else_stays_here(folder, tmp_path):
    hit = found(folder, text="red", k=1)["results"][0]
    path = tmp_path / "photos" / hit["name"]
    path.write_text("a secret")
    line = refused(folder.get(hit["file"]), 404)
    assert "not there any more" in line and str(tmp_path) not in line
    path.unlink()
    refused(folder.get(hit["preview"]), 404)


def test_an_image_that_took_the_name_of_an_indexed_one_stays_here(folder, tmp_path):
    one, other = found(folder, text="red", k=2)["results"]
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    photos = tmp_path / "photos"
    (photos / one["name"]).unlink()
    (photos / one["name"]).symlink_to(secret)
    (photos / other["name"]).write_bytes(png((0, 0, 0)))
    for hit in (one, other):
        for address in (hit["file"], hit["preview"]):
            assert "as it was indexed" in refused(folder.get(address), 404)


def test_encoded_captions_are_not_kept(captioned):
    """Another server at this address may have another model, and so draw the same caption in another way."""
    hit = found(captioned, text="red", find="captions")["results"][0]
    assert captioned.get(hit["preview"]).headers["cache-control"] == "no-store"
    hit = found(captioned, text="red")["results"][0]
    assert "max-age" in captioned.get(hit["preview"]).headers["cache-control"]


def test_a_drawn_or_packed_image_is_shown_only_as_it_was_indexed():
    data = load_scenes("test").select(range(3))
    images = source.SourceImages(source.Source("scenes", "", "test"), data)
    wanted = {item.name: item for item in image_items(data, content_keys(data))}
    item = wanted[data.ids[1]]
    assert np.array_equal(images.as_indexed(item), data.images[1])
    with pytest.raises(InputError, match="nobody has indexed"):
        images.as_indexed(replace(item, content="0" * 64))


def test_an_index_that_grows_says_how_many_images_it_will_have(folder, tmp_path):
    assert (folder.get("/api/info").json()["images"], folder.get("/api/info").json()["expected"]) == (9, 9)
    with open_index(tmp_path / "folder.index") as index:
        index.set_header(replace(index.header, expected=1000))
    info = folder.get("/api/info").json()
    assert (info["images"], info["expected"]) == (9, 1000)


@pytest.mark.parametrize(
    "name", ["0", "9" * 19, "9" * 40, "-1", "1e3", "test0.png", "..%2f..%2fetc%2fpasswd", "%00", "٣", "1 OR 1=1"]
)
def test_other_ids_are_not_there(captioned, name):
    for address in (f"/api/images/{name}", f"/api/images/{name}/thumbnail", f"/api/captions/{name}/encoded"):
        refused(captioned.get(address), 404)


@pytest.mark.parametrize(
    "path", ["/assets/..%2fsearch.html", "/assets/sheet.html", "/assets//etc/passwd", "/../x", "/docs"]
)
def test_other_paths_are_not_there(captioned, path):
    refused(captioned.get(path), 404)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1.evil.com",
        "127.0.0.1.evil.com:8420",
        "evil.com:8420",
        "127.0.0.1",
        "127.0.0.1:84200",
        "",
        "127.0.0.1:8420@x",
    ],
)
def test_other_hosts_are_refused(captioned, host):
    for method, path in (("GET", "/"), ("POST", "/api/search"), ("GET", "/api/images/1")):
        refused(captioned.request(method, path, headers={"Host": host}), 421)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.com"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8420"},
        {"Origin": "http://127.0.0.1:8420.evil.com"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_requests_of_other_pages_are_refused(captioned, headers):
    refused(captioned.post("/api/search", json={"text": "red"}, headers=headers), 403)
    refused(captioned.get("/api/info", headers=headers), 403)


def test_the_own_page_and_a_link_to_it_are_answered(captioned):
    own = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
    assert captioned.post("/api/search", json={"text": "red"}, headers=own).status_code == 200
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert captioned.get("/", headers=link).status_code == 200


def test_a_form_of_another_page_could_not_post_json(captioned):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        response = captioned.post("/api/search", content=b'{"text": "red"}', headers={"Content-Type": kind})
        refused(response, 422)
        refused(captioned.post("/api/search/image", content=png(), headers={"Content-Type": kind}), 415)


def test_the_page_loads_nothing_from_elsewhere(captioned):
    page = captioned.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    script = captioned.get("/assets/search.js").text
    for name, kind in (("search.js", "text/javascript"), ("results.js", "text/javascript"), ("search.css", "text/css")):
        asset = captioned.get(f"/assets/{name}")
        assert asset.headers["content-type"].startswith(kind) and f"/assets/{name}" in page.text + script
        assert "http:" not in asset.text and "https:" not in asset.text and "innerHTML" not in asset.text


def test_large_bodies_are_refused_before_they_are_read(captioned):
    too_much = server.UPLOAD + 1
    image = {"Content-Type": "image/png"}
    refused(captioned.post("/api/search/image", content=bytes(too_much), headers=image), 413)
    refused(captioned.post("/api/search", json={"text": "x" * 70_000}), 413)
    refused(captioned.request("GET", "/", content=b"x"), 413)
    response = captioned.post("/api/search/image", content=b"x", headers=image | {"Content-Length": str(too_much)})
    refused(response, 413)


def test_a_body_of_unknown_length_is_read_no_further_than_its_bound():
    received, sent = [], []

    async def receive():
        received.append(1)
        return {"type": "http.request", "body": bytes(2**16), "more_body": True}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/up", "headers": [(b"host", HOST.encode())]}
    asyncio.run(Guard(None, [HOST], {"/up": 2**20})(scope, receive, send))
    assert sent[0]["status"] == 413 and len(received) == 17


def test_bodies_share_a_bound(monkeypatch):
    """While one upload waits for its answer, another one that would take too much together is refused."""
    monkeypatch.setattr(guard, "_TOGETHER", 3 * 2**16)
    statuses, release = [], asyncio.Event()

    async def app(scope, receive, send):
        assert len((await receive())["body"]) == 2 * 2**16
        await release.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def post(guarded):
        parts = [True, False]

        async def receive():
            return {"type": "http.request", "body": bytes(2**16), "more_body": parts.pop(0)}

        async def send(message):
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/up"}
        await guarded(scope | {"headers": [(b"host", HOST.encode())]}, receive, send)

    async def both():
        guarded = Guard(app, [HOST], {"/up": 2**20})
        first = asyncio.create_task(post(guarded))
        await asyncio.sleep(0)
        await post(guarded)
        release.set()
        await first
        await post(guarded)

    asyncio.run(both())
    assert statuses == [503, 200, 200]


@pytest.mark.parametrize("data", [b"", b"no image", png()[:60], b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
def test_broken_images_are_one_line(captioned, data):
    line = refused(captioned.post("/api/search/image", content=data, headers={"Content-Type": "image/png"}), 400)
    assert line.startswith("the image: not a readable image (") and "object at" not in line


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"text": "red", "image": "1"},
        {"text": 3},
        {"text": "red", "k": 0},
        {"text": "red", "k": 201},
        {"text": "red", "find": "files"},
        {"image": "x"},
        {"text": "red", "other": 1},
        [],
        {"text": "r" * 10_001},
    ],
)
def test_wrong_queries_are_one_line(captioned, query):
    refused(captioned.post("/api/search", json=query), 422)


def test_odd_queries_are_one_line(captioned):
    json = {"Content-Type": "application/json"}
    assert "known" in refused(captioned.post("/api/search", json={"text": "zebra"}), 400)
    with pytest.raises(InputError, match="query is empty") as of_the_command:
        is_image_file("  ")
    assert refused(captioned.post("/api/search", json={"text": "  "}), 400) == str(of_the_command.value)
    refused(captioned.post("/api/search", json={"image": "9" * 19}), 404)
    for content in (b"{", b"\xff", b"[" * 60_000, b'{"text": "red \\ud800"}'):
        response = captioned.post("/api/search", content=content, headers=json)
        assert response.status_code in (400, 422) and set(response.json()) == {"error"}


def test_a_sentence_is_never_a_file_of_this_machine(captioned, tmp_path):
    path = tmp_path / "red.png"
    path.write_bytes(png())
    answer = found(captioned, text=str(path))
    assert answer["query"] == str(path) and answer["encoded_caption"]  # an image has none
    assert answer["words"][-1] == "red" and "png" in answer["unknown"]


def test_an_index_without_captions_says_so(folder):
    line = refused(folder.post("/api/search", json={"text": "red", "find": "captions"}), 400)
    assert "no captions" in line


def test_an_index_that_vanishes_is_one_line(folder, tmp_path):
    shutil.rmtree(tmp_path / "folder.index")
    for response in (folder.post("/api/search", json={"text": "red"}), folder.get("/api/info")):
        assert str(tmp_path) not in refused(response, 503)


def test_a_mistake_of_this_project_is_no_page(captioned, monkeypatch):
    monkeypatch.setattr("single_net.search.service.Service.by_text", lambda *_: 1 / 0)
    assert "internal" in refused(captioned.post("/api/search", json={"text": "red"}), 500)


def test_others_are_answered_while_the_model_works(tmp_path):
    entered, go_on = threading.Event(), threading.Event()

    class Slow(EncodingModel):
        def encode_text(self, captions):
            if captions == ["red"]:
                entered.set()
                assert go_on.wait(20)
            return super().encode_text(captions)

    with client_of(captioned_service(tmp_path, Slow())) as client:
        search = threading.Thread(target=found, args=(client,), kwargs={"text": "red"})
        search.start()
        assert entered.wait(20)
        assert client.get("/api/info").json()["images"] == 12
        go_on.set()
        search.join()


def test_the_description_of_the_api(captioned):
    paths = captioned.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/api/info",
        "/api/search",
        "/api/search/image",
        "/api/search/sound",
        "/api/images/{number}",
        "/api/images/{number}/thumbnail",
        "/api/captions/{number}/encoded",
    }
    assert "requestBody" in paths["/api/search/image"]["post"]


def test_the_names_of_a_server():
    assert hosts("127.0.0.1", 80) == [
        *(f"{name}:80" for name in ("127.0.0.1", "localhost", "[::1]")),
        "127.0.0.1",
        "localhost",
        "[::1]",
    ]
    assert hosts("0.0.0.0", 9, ["Box.local"]) == ["0.0.0.0:9", "box.local:9"]
    assert urlsplit(f"http://{hosts('::1', 9)[0]}").hostname == "::1"


def test_an_index_that_another_model_has_made_anew_is_not_searched(folder, tmp_path):
    with open_index(tmp_path / "folder.index") as index:
        index.set_header(replace(index.header, model="another"))
    assert "another model" in refused(folder.post("/api/search", json={"text": "red"}), 503)


def test_images_that_have_moved_are_found_where_they_are(folder, tmp_path):
    hit = found(folder, text="red", k=1)["results"][0]
    (tmp_path / "photos").rename(tmp_path / "moved")
    refused(folder.get(hit["preview"]), 404)
    update_index(tmp_path / "folder.index", EncodingModel(), folder_source(tmp_path / "moved"), force=True)
    assert folder.get(hit["preview"]).status_code == 200


def test_a_data_set_is_loaded_again_for_what_it_did_not_hold(monkeypatch):
    data, clock = load_scenes("test"), [0.0]
    held = [data.select(range(2)), InputError("gone"), data.select(range(4))]

    def load(*_, **__):
        now = held.pop(0)
        if isinstance(now, InputError):
            raise now
        return now

    monkeypatch.setattr(source, "load_source", load)
    monkeypatch.setattr(source.time, "monotonic", lambda: clock[0])
    images = source.SourceImages(source.Source("scenes", "", "test"))
    assert images[data.ids[1]].shape == data.images[1].shape
    for _ in range(2):
        with pytest.raises(InputError, match="no image"):  # not looked for twice within a moment
            images[data.ids[3]]
    clock[0] = 60.0
    with pytest.raises(InputError, match="no image"):  # the data set is gone, and what is known of it stays
        images[data.ids[3]]
    clock[0] = 120.0
    assert images[data.ids[3]].shape == data.images[3].shape and not held


def test_an_image_is_found_by_the_name_of_its_item_also_where_its_id_is_no_utf8():
    image = np.zeros((4, 4, 3), np.uint8)
    data = CaptionDataset("own", "test", ["caf\udce9.png"], [image], [["a dog"]])
    [item] = image_items(data, ["0" * 64])
    assert source.SourceImages(source.Source("scenes", "", "test"), data)[item.name] is image


def test_images_of_a_data_set_that_is_not_here_are_no_files(monkeypatch):
    monkeypatch.delenv("FLICKR8K_ROOT", raising=False)
    images = source.SourceImages(source.Source("flickr8k", "", "test"))
    assert images.files(["a.jpg"]) == []
    with pytest.raises(InputError, match="FLICKR8K_ROOT"):
        images["a.jpg"]


def test_captions_have_no_picture_where_the_model_encodes_none(tmp_path, module_cache):
    client = client_of(captioned_service(tmp_path, ColorModel()))
    results = found(client, text="red", find="captions")["results"]
    assert results and all(hit["preview"] is None for hit in results)
