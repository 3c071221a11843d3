"""Which columns of a table hold the image, the caption and the split."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from encoded_text.common.errors import InputError

# The column is called as its role, or, if there is none of that name, by one of these names of other projects.
ALIASES = {
    "image": ("file_name", "filename", "image_name", "image_file", "image_path", "filepath", "file", "path", "img"),
    "caption": ("captions", "text", "texts", "comment", "sentence", "title", "description"),
    "split": ("subset", "partition", "set"),
}


def normal(name: str) -> str:
    """A column's name in lower case, with underscores for blanks and hyphens: "File Name" -> "file_name"."""
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def parse_columns(text: str | None) -> dict[str, str]:
    """Read "image=file,caption=text" as it is given on the command line.

    Returns:
        Names of columns by role, none for None. An empty name for the split means that the table has none.

    Raises:
        InputError: an unknown or repeated role, or no "=".
    """
    columns: dict[str, str] = {}
    for part in text.split(",") if text is not None else ():
        role, equals, name = part.partition("=")
        role = role.strip()
        if not equals or role not in ALIASES or role in columns or not (name.strip() or role == "split"):
            raise InputError(f"--columns {text}: write it as image=NAME,caption=NAME,split=NAME, each at most once")
        columns[role] = name.strip()
    return columns


def has_columns(names: Sequence[str], given: Mapping[str, str]) -> bool:
    """Whether there may be an image and a caption among the columns, each `normal`."""
    return all(
        normal(given[role]) in names if role in given else not {role, *ALIASES[role]}.isdisjoint(names)
        for role in ("image", "caption")
    )


def choose_columns(names: Sequence[str], given: Mapping[str, str], where: str) -> dict[str, str]:
    """Choose the columns to be read.

    Args:
        names: of all columns, each `normal`.
        given: by role, chosen by the user.
        where: file and line of the names, for messages.

    Returns:
        Columns by role: "image", "caption", and "split" if there is one.

    Raises:
        InputError: no image or no caption, several columns that may be one, or a column that is there twice.
    """
    chosen: dict[str, str] = {}
    taken = {normal(name) for name in given.values()}
    for role, aliases in ALIASES.items():
        name = (
            normal(given[role]) if role in given else _find(role, aliases, [n for n in names if n not in taken], where)
        )
        if role in given and name and name not in names:
            raise InputError(f"{where}: there is no column {given[role]!r} among {', '.join(map(repr, names))}")
        if name:
            chosen[role] = name
    if not {"image", "caption"} <= set(chosen):
        raise InputError(
            f"{where}: the header must name image, caption and perhaps split, not {list(names)}: give their names with "
            "--columns image=NAME,caption=NAME"
        )
    counts = Counter(names)
    for name in chosen.values():
        if counts[name] > 1:
            raise InputError(f"{where}: the column {name!r} is there {counts[name]} times: leave one")
    if len(set(chosen.values())) < len(chosen):
        raise InputError(f"{where}: one column cannot be several of {', '.join(chosen)}")
    return chosen


def _find(role: str, aliases: Sequence[str], names: Sequence[str], where: str) -> str:
    """The column of a role by its name; "" if there is none."""
    if role in names:
        return role
    found = [alias for alias in aliases if alias in names]
    if len(found) > 1:
        raise InputError(
            f"{where}: which column is the {role}: {' or '.join(found)}? Say it with --columns {role}={found[0]}"
        )
    return found[0] if found else ""
