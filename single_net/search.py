"""python -m single_net.search RUN QUERY: a sentence finds its nearest pictures, a photograph its nearest captions."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from encoded_text.errors import CommandParser, InputError, run_command

from .datasets import SPLITS
from .datasets.folder import SUFFIXES, load_folder
from .options import add_data_options, load_chosen

if TYPE_CHECKING:
    from .embedding import Model
    from .embedding_cache import Embedded

EXAMPLE = """examples:
  python -m single_net.search runs/scenes-nested "a boy and a dog on the beach"
  python -m single_net.search runs/flickr8k-nested "two dogs run through snow" -k 10
  python -m single_net.search runs/flickr8k-nested photo.jpg               its nearest captions
  python -m single_net.search runs/flickr8k-nested "a red car" --folder ~/Pictures
"""


def parser() -> CommandParser:
    p = CommandParser(
        prog="python -m single_net.search",
        description="Pictures nearest to a sentence, captions nearest to a photograph: a list and a contact sheet.",
        epilog=EXAMPLE,
    )
    p.add_argument("run", type=Path, help="the run's folder, or a model file in it")
    p.add_argument("query", nargs="+", help="a sentence in quotation marks, or the file of a photograph; or several")
    p.add_argument("--folder", type=Path, help="search the pictures of this folder instead of a data set's")
    p.add_argument("--split", choices=SPLITS, default="test", help="of the data set (default: test)")
    p.add_argument("-k", type=int, default=5, help="how many results (default: 5)")
    p.add_argument("-o", "--output", type=Path, help="the contact sheet, a PNG file (default: search.png in the run)")
    add_data_options(p)
    return p


def main() -> None:
    run_command(_main)


def _main() -> None:
    args = parser().parse_args()
    if args.k < 1:
        raise InputError(f"-k {args.k}: ask for one result or more")
    photographs = [is_photograph(query) for query in args.query]  # a misspelt file, before anything is loaded
    if args.folder and all(photographs):
        raise InputError("--folder holds pictures without captions: search it with a sentence, not with a photograph")

    from .embedding import Model, choose_device
    from .embedding_cache import embed_dataset

    model = Model.load(args.run, choose_device(args.device))
    known_words(model, [query for query, photograph in zip(args.query, photographs, strict=True) if not photograph])

    @cache
    def gallery(folder: Path | None) -> Embedded:
        if folder:
            return embed_dataset(model, load_folder(folder), skip_bad=args.skip_bad or model.config.data.skip_bad)
        data, skip_bad = load_chosen(args, model.config.data)
        return embed_dataset(model, data, skip_bad=skip_bad)

    found = []
    for query, photograph in zip(args.query, photographs, strict=True):
        among = gallery(None if photograph else args.folder)
        found.append((query, photograph, among, *nearest_items(model, query, photograph, among, args.k)))
        print(report(*found[-1]), flush=True)
    output = args.output or (args.run if args.run.is_dir() else args.run.parent) / "search.png"
    draw(found, output)
    print(f"contact sheet: {output}")


def is_photograph(query: str) -> bool:
    """Whether a query is the file of a photograph and not a sentence. Raises InputError where it looks like the name of
    a picture file that does not exist, or says nothing."""
    if not query.strip():
        raise InputError("the query is empty: give a sentence in quotation marks, or the file of a photograph")
    if os.path.isfile(query):  # unlike Path.is_file also false for a sentence too long to be a file's name
        return True
    if Path(query).suffix.lower() in SUFFIXES:
        raise InputError(f"{query}: no such picture")
    return False


def known_words(model: Model, sentences: list[str]) -> None:
    """Tell which words the run has never learnt. Raises InputError for a sentence of such words alone."""
    from encoded_text.tokenizer import tokenise

    for sentence in sentences:
        words = tokenise(sentence)
        unknown = [word for word in dict.fromkeys(words) if word not in model.encoder.vocabulary]
        if not set(words) - set(unknown):
            raise InputError(
                f"{sentence!r}: none of its words are known to the run: use words of its training captions"
            )
        if unknown:
            print(f"not drawn, since the run never learnt them: {', '.join(unknown)}")


def nearest_items(
    model: Model, query: str, photograph: bool, gallery: Embedded, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest pictures of a sentence, or captions of a photograph: distances (1, k), numbers in the gallery (1, k).

    Euclidean distance between embeddings of length one, 0 to 2. Fewer than k where the gallery is smaller.
    """
    from .images import read_image
    from .retrieval import nearest, normalise

    if photograph:
        embedded = model.embed_pictures(read_image(Path(query), model.image_size)[None])
        items = gallery.captions
    else:
        embedded, items = model.embed_captions([query]), gallery.pictures
    distances, numbers = nearest(normalise(embedded), normalise(items), min(k, len(items)))
    return np.asarray(distances), np.asarray(numbers)


def report(query: str, photograph: bool, gallery: Embedded, distances: np.ndarray, numbers: np.ndarray) -> str:
    """The answer for the terminal: a line a result, its distance first."""
    data = gallery.data
    captions, owner = data.flat_captions, data.image_of_caption
    lines = [query]
    for distance, i in zip(distances[0], numbers[0], strict=True):
        if photograph:
            shown = f"{captions[i]}  [{data.ids[owner[i]]}]"
        else:
            shown = "  ".join([data.ids[i], *data.captions[i][:1]])
        lines.append(f"  {distance:.3f}  {shown}")
    return "\n".join(lines)


def draw(found: list[tuple], path: Path) -> None:
    """The contact sheet of answers, each (query, photograph, gallery, distances, numbers)."""
    from .images import read_image
    from .sheets import SIDE, Item, Line, Section, Sheet, save_png

    lines = []
    for query, photograph, gallery, distances, numbers in found:
        data = gallery.data
        captions = data.flat_captions
        results = []
        for distance, i in zip(distances[0], numbers[0], strict=True):
            far = f"distance {distance:.2f}"
            if photograph:
                results.append(Item(text=captions[i], note=far))
            else:
                results.append(Item(picture=read_image(data.images[i], SIDE), note=f"{far}, {data.ids[i]}"))
        asked = Item(picture=read_image(Path(query), SIDE), note=Path(query).name) if photograph else Item(text=query)
        lines.append(Line(asked, results))
    where = " and ".join(dict.fromkeys(_named(gallery) for _, _, gallery, _, _ in found))
    save_png(Sheet(f"Nearest in {where}", "The query on the left, the nearest first.", [Section("", "", lines)]), path)


def _named(gallery: Embedded) -> str:
    from .datasets import LABELS

    data = gallery.data
    if data.name == "folder":
        return f"a folder of {len(data):,} pictures"
    return f"{LABELS.get(data.name, data.name)} {data.split}"


if __name__ == "__main__":
    main()
