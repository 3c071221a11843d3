"""The page to search in, and the same search for programs: a FastAPI application over one index."""

from __future__ import annotations

import re
from importlib import resources
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.exceptions import HTTPException as StarletteHTTPException

from encoded_text.common.errors import InputError
from single_net import __version__
from single_net.common.html import render_page
from single_net.search.guard import Guard
from single_net.search.indexes import Kind
from single_net.search.service import LARGEST, THUMBNAIL, Missing, Service, Unavailable

MOST_RESULTS = 200
UPLOAD = 20 * 2**20  # bytes of an image or sound
_JSON = 64 * 2**10  # bytes of a query
_KEPT = "private, max-age=3600"  # an id stands for one name and content
_ASSETS = {"search.css": "text/css"} | dict.fromkeys(("search.js", "results.js", "recorder.js"), "text/javascript")
_ID = re.compile(r"[0-9]{1,19}")

Count = Annotated[int, Query(ge=1, le=MOST_RESULTS, description="number of results")]


class SearchRequest(BaseModel):
    """A query: a sentence, or the id of an image or caption of the index."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str | None = Field(None, max_length=10_000, description="a sentence")
    image: str | None = Field(None, pattern=r"^[0-9]{1,19}$", description="id of an image: more like this")
    caption: str | None = Field(None, pattern=r"^[0-9]{1,19}$", description="id of a caption: images of it")
    find: Kind | None = Field(None, description="what to look for; images by default")
    k: int = Field(24, ge=1, le=MOST_RESULTS, description="number of results")

    @model_validator(mode="after")
    def _one_query(self) -> SearchRequest:
        if sum(value is not None for value in (self.text, self.image, self.caption)) != 1:
            raise ValueError("give one of text, image and caption")
        return self


class Result(BaseModel):
    """An image, or all captions of the same words.

    Attributes:
        images: how many images have the caption.
        preview: address of a thumbnail, or of the encoded caption; None for a caption where the model encodes none as
            images.
        file: address of the whole image.
    """

    id: str
    distance: float
    name: str
    caption: str | None
    images: int
    preview: str | None
    file: str | None


class SearchAnswer(BaseModel):
    """The nearest items of a query, nearest first.

    Attributes:
        query: the sentence or caption.
        words: of the sentence that were encoded.
        unknown: words that the model does not know.
        cut_off: known words beyond the last place of an encoded caption.
        encoded_caption: the sentence as the network sees it, PNG in a data: address.
        encoded_sound: the sound as the network sees it, likewise.
        found: "images" or "captions".
        results: nearest first.
    """

    query: str | None = None
    words: list[str] = []
    unknown: list[str] = []
    cut_off: list[str] = []
    encoded_caption: str | None = None
    encoded_sound: str | None = None
    found: Kind
    results: list[Result]


class Info(BaseModel):
    """What is searched.

    Attributes:
        expected: images when the index is complete.
        sound: whether the model takes sound.
    """

    label: str
    images: int
    expected: int
    captions: int
    sound: bool


class Problem(BaseModel):
    """What was wrong, in one line."""

    error: str


async def image_body(request: Request) -> bytes:
    """The image of a request; `Guard` has bounded it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.startswith("image/") and kind != "application/octet-stream":
        raise HTTPException(415, "send the image file itself as the body, with Content-Type image/... ")
    return await request.body()


async def sound_body(request: Request) -> bytes:
    """The sound of a request; `Guard` has bounded it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.startswith("audio/") and kind not in ("application/octet-stream", "application/ogg"):
        raise HTTPException(415, "send the sound file itself as the body, with Content-Type audio/... ")
    return await request.body()


def create_app(service: Service, hosts: list[str]) -> Guard:
    """The application.

    Args:
        service: what it answers with.
        hosts: the values of the header Host that it answers, see `guard.hosts`.
    """
    problems: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem} for status in (400, 404, 413, 415, 422, 503)
    }
    # FastAPI's own pages of documentation load scripts from elsewhere.
    app = FastAPI(title="Single-Net search", version=__version__, docs_url=None, redoc_url=None, responses=problems)
    templates = resources.files("single_net") / "templates"
    assets = {name: (templates / name).read_bytes() for name in _ASSETS}
    page = render_page("search.html", upload=UPLOAD)

    @app.get("/", include_in_schema=False)
    def root() -> Response:
        return Response(page, media_type="text/html")

    @app.get("/assets/{name}", include_in_schema=False)
    def asset(name: str) -> Response:
        if name not in assets:
            raise HTTPException(404, "no such page")
        return Response(assets[name], media_type=_ASSETS[name])

    @app.get("/api/info")
    def info() -> Info:
        """What is searched."""
        return Info(**service.info())

    @app.post("/api/search")
    def search(query: SearchRequest) -> SearchAnswer:
        """Search by a sentence, or by an image or caption of the index."""
        if query.text is not None:
            return SearchAnswer(**service.by_text(query.text, query.find, query.k))
        if query.image is not None:
            return SearchAnswer(**service.like("images", _id(query.image), query.find, query.k))
        return SearchAnswer(**service.like("captions", _id(query.caption or ""), query.find, query.k))

    upload = {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}, "required": True}

    @app.post("/api/search/image", openapi_extra={"requestBody": upload})
    def search_image(
        data: Annotated[bytes, Depends(image_body)], find: Kind | None = None, k: Count = 24
    ) -> SearchAnswer:
        """Search by an image: the file is the body. Captions are looked for by default, if there are any."""
        return SearchAnswer(**service.by_image(data, find, k))

    sound = {"content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}}, "required": True}

    @app.post("/api/search/sound", openapi_extra={"requestBody": sound})
    def search_sound(
        data: Annotated[bytes, Depends(sound_body)], find: Kind | None = None, k: Count = 24
    ) -> SearchAnswer:
        """Search by what somebody says: a wav, flac, ogg or mp3 file is the body. Images are looked for by default."""
        return SearchAnswer(**service.by_sound(data, find, k))

    @app.get(
        "/api/images/{number}/thumbnail", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}}
    )
    def thumbnail(number: str) -> Response:
        """An image of the index, small."""
        return _jpeg(service.jpeg(_id(number), THUMBNAIL))

    @app.get("/api/images/{number}", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
    def image(number: str) -> Response:
        """An image of the index, large."""
        return _jpeg(service.jpeg(_id(number), LARGEST))

    @app.get("/api/captions/{number}/encoded", response_class=Response, responses={200: {"content": {"image/png": {}}}})
    def encoded(number: str) -> Response:
        """A caption of the index as the network sees it."""
        # Not kept: another server at this address may have another model.
        return Response(service.encoded_caption(_id(number)), media_type="image/png")

    for kind, status in ((InputError, 400), (Missing, 404), (Unavailable, 503), (Exception, 500)):
        app.add_exception_handler(kind, _handler(status))
    app.add_exception_handler(StarletteHTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    return Guard(app, hosts, {"/api/search": _JSON, "/api/search/image": UPLOAD, "/api/search/sound": UPLOAD})


def _id(text: str) -> int:
    if not _ID.fullmatch(text) or int(text) >= 2**63:
        raise Missing("no such id")
    return int(text)


def _jpeg(data: bytes) -> Response:
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": _KEPT})


def _handler(status: int) -> Any:
    def handle(request: Request, error: Exception) -> JSONResponse:
        line = (
            " ".join(str(error).split()) if status != 500 else "internal error: the terminal of the server tells more"
        )
        return JSONResponse({"error": line}, status)

    return handle


def _http_error(request: Request, error: Any) -> JSONResponse:
    return JSONResponse({"error": str(error.detail)}, error.status_code, headers=error.headers)


def _invalid(request: Request, error: Any) -> JSONResponse:
    """The first mistake, without what was sent."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query"))
    said = str(first["msg"]).removeprefix("Value error, ")
    return JSONResponse({"error": f"{where}: {said}" if where else said}, 422)
