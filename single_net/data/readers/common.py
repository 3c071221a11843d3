"""What the readers share: text and JSON files, the search for pictures, and one report of everything that is wrong."""

from __future__ import annotations

import json
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from encoded_text.common.errors import InputError
from single_net.data.dataset import CaptionDataset

CAPTIONS_WANTED = 5  # the paper's groups hold a picture and five captions (section 4.2)

# Where the published archives unpack their pictures, looked for in the root and in its folder "images".
PICTURE_FOLDERS = (
    "Images",
    "images",
    "Flicker8k_Dataset",  # sic
    "Flickr8k_Dataset",
    "Flickr8k_Dataset/Flicker8k_Dataset",
    "flickr30k-images",
    "flickr30k_images",
    "train2017",
    "val2017",
    "train2014",
    "val2014",
)

# COCO's pictures of 2014 and of 2017 are the same under other names: COCO_val2014_000000391895.jpg, 000000391895.jpg.
_COCO_2014 = re.compile(r"COCO_(?:train|val)2014_(\d{12}\.jpg)")


class Problems:
    """Collects what is wrong with the data, to stop with one line or, with `skip_bad`, to leave it out and count it."""

    def __init__(self, of: str, skip_bad: bool):
        self._of, self._skip_bad = of, skip_bad
        self._first = ""
        self._counts: Counter[str] = Counter()

    def add(self, reason: str, detail: str) -> None:
        """One more case of `reason`; `detail` is the sentence for the user, with file and line."""
        self._first = self._first or detail
        self._counts[reason] += 1

    def settle(self) -> dict[str, int]:
        """{reason: cases that were left out}. Raises InputError where there are any and skip_bad was not asked for."""
        if self._counts and not self._skip_bad:
            counts = ", ".join(f"{reason}: {number}" for reason, number in self._counts.items())
            raise InputError(f"{self._of}: {self._first} (in all {counts}); mend it, or leave it out with --skip-bad")
        return dict(self._counts)


class Splits:
    """Which split every picture is in: no picture twice, and none in two splits."""

    def __init__(self, problems: Problems):
        self._problems = problems
        self._split_of: dict[str, str] = {}

    def put(self, id: str, split: str, where: str) -> bool:
        """Whether the picture is new. One in two splits cannot be skipped (training would see the test): InputError."""
        if id not in self._split_of:
            self._split_of[id] = split
            return True
        if self._split_of[id] != split:
            raise InputError(f"{where}: {id} is in two splits, {self._split_of[id]} and {split}: remove it from one")
        self._problems.add("picture named twice", f"{where}: {id} is named twice")
        return False


class Caption(NamedTuple):
    """A caption as a file has it; `where` names file and line, `number` is COCO's where the file has it."""

    where: str
    text: str
    number: int | None = None


@dataclass
class Entry:
    """One picture as a file of captions names it; `where` names file and line, `number` is COCO's.

    A reader that knows where the picture must be gives its `path`; otherwise it is looked for under `file`.
    """

    id: str
    file: str
    where: str
    captions: list[Caption] = field(default_factory=list)
    path: Path | None = None
    number: int | None = None


class Pictures:
    """Finds pictures below a root in the folders of the published archives; every folder is listed only once."""

    def __init__(self, root: Path):
        self._root = root
        self._names: dict[Path, frozenset[str]] = {}
        folders = [base / name for base in (root, root / "images") for name in PICTURE_FOLDERS]
        self._folders = [*filter(Path.is_dir, folders), root]

    def find(self, entry: Entry) -> Path | None:
        """The path of the entry's picture, or None where there is none."""
        if entry.path is not None:
            return entry.path if self._has(entry.path.parent, entry.path.name) else None
        wanted = PurePosixPath(entry.file)
        if wanted.is_absolute() or ".." in wanted.parts:
            return None
        named = [base / wanted.parent for base in (self._root, self._root / "images")] if len(wanted.parts) > 1 else []
        in_2017 = _COCO_2014.fullmatch(wanted.name)
        for name in (wanted.name, in_2017[1]) if in_2017 else (wanted.name,):
            for folder in (*named, *self._folders):
                if self._has(folder, name):
                    return folder / name
        return None

    def expected(self, entry: Entry) -> Path:
        """Where the entry's picture would belong."""
        return entry.path or self._folders[0] / PurePosixPath(entry.file).name

    def _has(self, folder: Path, name: str) -> bool:
        if folder not in self._names:
            names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
            self._names[folder] = frozenset(names)
        return name in self._names[folder]


def assemble(
    name: str, split: str, entries: Iterable[Entry], root: Path, problems: Problems, captions_only: bool
) -> CaptionDataset:
    """The CaptionDataset of `entries`, in their order, after the checks that all readers share.

    Runs of white space in captions become one space. With `captions_only` no picture has to exist.

    Raises:
        InputError: problems, unless they may be skipped; or nothing is left.
    """
    pictures = Pictures(root)
    kept: list[tuple[Entry, Path, list[Caption]]] = []
    for entry in entries:
        captions = []
        for where, text, number in entry.captions:
            caption = " ".join(text.split())
            if not caption:
                problems.add("empty caption", f"{where}: the caption of {entry.id} is empty")
            elif not _is_unicode(caption):
                problems.add("caption not Unicode", f"{where}: the caption of {entry.id!a} holds half a character")
            else:
                captions.append(Caption(where, caption, number))
        if not _is_unicode(entry.id):
            problems.add("name not Unicode", f"{entry.where}: the picture's name {entry.id!a} holds half a character")
            continue
        path = pictures.expected(entry) if captions_only else pictures.find(entry)
        if path is None:
            problems.add("missing picture", f"{pictures.expected(entry)} is missing, named in {entry.where}")
        elif not captions:
            problems.add("picture without captions", f"{entry.where}: {entry.id} has no captions")
        else:
            kept.append((entry, path, captions))
    skipped = problems.settle()
    if not kept:
        counts = ", ".join(f"{reason}: {number}" for reason, number in skipped.items())
        raise InputError(f"{name} {split}: no picture is left in {root}" + (f" ({counts})" if counts else ""))
    few = [entry for entry, _, captions in kept if len(captions) < CAPTIONS_WANTED]
    if few:
        warnings.warn(
            f"{name} {split}: {len(few)} of {len(kept)} pictures have fewer than five captions, "
            f"the first is {few[0].id} ({few[0].where})",
            stacklevel=4,
        )
    ids, paths = [entry.id for entry, _, _ in kept], [path for _, path, _ in kept]
    texts = [[caption.text for caption in captions] for _, _, captions in kept]
    numbers = [(entry.number, [caption.number for caption in captions]) for entry, _, captions in kept]
    numbered = all(number is not None and None not in of_captions for number, of_captions in numbers)
    return CaptionDataset(name, split, ids, paths, texts, skipped, numbers if numbered else None)


def _is_unicode(text: str) -> bool:
    """False for the lone halves of characters that JSON's \\u escapes can smuggle in."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def find_file(root: Path, *names: str) -> Path | None:
    """The first of `names` that is a file in `root` or in a folder directly inside it."""
    folders = [root, *sorted(path for path in root.iterdir() if path.is_dir())]
    return next((folder / name for name in names for folder in folders if (folder / name).is_file()), None)


def read_lines(path: Path, problems: Problems) -> Iterator[tuple[int, str]]:
    """(line number from 1, line without its end) of a UTF-8 file with or without BOM; blank lines are left out."""
    for number, line in enumerate(_read_bytes(path).split(b"\n"), 1):
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            problems.add("line not UTF-8", f"{path} line {number}: not UTF-8 ({error.reason}): save the file as UTF-8")
            continue
        if text.strip():
            yield number, text.rstrip("\r")


def read_json(path: Path) -> dict:
    """The object in a UTF-8 JSON file. Raises InputError with the line where it cannot be read."""
    data = _read_bytes(path)
    try:
        value = json.loads(data.decode())
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path} line {line}: not UTF-8 ({error.reason}): save the file as UTF-8") from error
    except RecursionError as error:
        raise InputError(f"{path}: nested too deeply to be a file of captions") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{path} line {error.lineno}: not JSON ({error.msg}); is the file complete?") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: a JSON object is expected, not a {type(value).__name__}")
    return value


def list_of(document: dict, key: str, path: Path) -> list:
    """`document[key]`, which must be a list. Raises InputError."""
    if not isinstance(document.get(key), list):
        raise InputError(f'{path}: no list "{key}"; is this a file of captions?')
    return document[key]


def _read_bytes(path: Path) -> bytes:
    data = path.read_bytes()
    if not data.strip():
        raise InputError(f"{path}: the file is empty")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path} line 1: UTF-16, not UTF-8: save the file as UTF-8")
    return data.removeprefix(b"\xef\xbb\xbf")
