"""python -m single_net.data.download NAME --to DIR: fetch a data set, ready for training."""

from __future__ import annotations

import shlex
from pathlib import Path

from encoded_text.common.errors import CommandParser, Interrupted, run_command
from single_net.data.download.addresses import ADDRESSES, read_addresses
from single_net.data.load import LABELS, root_variable

EXAMPLE = """examples:
  python -m single_net.data.download flickr8k --to /data/flickr8k      1 GB
  python -m single_net.data.download coco --to /data/coco              20 GB, and 14 GB more while unpacking
  python -m single_net.data.download flickr30k --to /data/flickr30k    captions; its images are given out on request

An interrupted download continues when the same command is run again. The images have terms of use of their own;
Flickr8k is for non-commercial research and education, Flickr30K for research.
"""


def parser(names: list[str]) -> CommandParser:
    p = CommandParser(
        prog="python -m single_net.data.download",
        description="Download a data set, check it and unpack it.",
        epilog=EXAMPLE,
    )
    p.add_argument("name", choices=names, help="the data set")
    p.add_argument("--to", type=Path, required=True, metavar="DIR", help="folder of the data set; made if needed")
    return p


def main(addresses: Path = ADDRESSES) -> None:
    """Run the command. `addresses` is the file that names where the data sets are."""
    run_command(lambda: _main(addresses))


def _main(addresses: Path) -> None:
    data_sets = read_addresses(addresses)
    args = parser(list(data_sets)).parse_args()
    name, to = args.name, args.to.expanduser().absolute()

    from single_net.data.download.datasets import download

    try:
        request = download(name, to, addresses)
    except KeyboardInterrupt:
        again = f"python -m single_net.data.download {name} --to {shlex.quote(str(to))}"
        raise Interrupted(f"stopped; the same command goes on where it was: {again}") from None
    print(f"captions of {LABELS[name]} in {to}; {request}" if request else f"{LABELS[name]} is complete in {to}")
    print(f"to use it: export {root_variable(name)}={shlex.quote(str(to))}")


if __name__ == "__main__":
    main()
