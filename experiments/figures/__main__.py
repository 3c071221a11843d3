"""python -m experiments.figures WHAT: train what a figure shows where that is missing, and draw it to runs/figures/."""

from __future__ import annotations

from pathlib import Path

from encoded_text.common.errors import CommandParser, InputError, run_command
from experiments.figures import FIGURES_FOLDER
from experiments.processes import call
from experiments.study import read_study
from experiments.training import Run, check, choose_runs, has_images, train
from single_net.data.load import DATASETS
from single_net.data_options import add_set_option

# Figure -> the data sets it shows where their roots are set (else the scenes), and the variants, lines of table1.
SHOWN = {
    "overview": ((), ("nested",)),
    "table3": (("coco", "flickr30k"), ("nested",)),
    "figure3": (("flickr30k", "coco"), ("config-2", "nested")),
    "page": ((), ("nested",)),
}
SCENES_ONLY = ("overview", "page")
SOUND = "sound"
SEARCHED = ("a boy and a dog on the beach", "a red boat on the water at night")  # the contact sheet of the overview
EXAMPLE = """examples:
  python -m experiments.figures table3            the synthetic scenes, or COCO or Flickr30K where a root is set
  FLICKR8K_ROOT=/data/flickr8k FLICKR30K_ROOT=/data/flickr30k \\
    python -m experiments.figures figure3 --data scenes flickr8k --variants nested
"""


def choose_data(what: str, wanted: list[str]) -> list[str]:
    """The wanted data sets; else the figure's own whose roots are set and hold images; else the synthetic scenes.

    Raises:
        InputError: several for a figure that shows one, or other images where only those of the scenes are shown.
    """
    if wanted and wanted != ["scenes"] and what in SCENES_ONLY:
        raise InputError(f"{what} is published, and so shows images of the scenes alone: leave out --data")
    if len(wanted) > 1 and what != "figure3":
        raise InputError(f"{what} shows one data set: leave out {', '.join(wanted[1:])}")
    if wanted:
        return wanted
    own = [name for name in SHOWN[what][0] if has_images(name)]
    return (own if what == "figure3" else own[:1]) or ["scenes"]


def draw(what: str, runs: list[Run]) -> Path:
    """Train the runs where they are not trained, and draw the figure; returns where it is."""
    for run in runs:
        train(run)
    data = list(dict.fromkeys(run.data for run in runs))
    path = FIGURES_FOLDER / ("-".join([what, *(name for name in data if name != "scenes")]) + ".png")
    if what == "figure3":
        from experiments.figures import figure3

        figure3.draw([run.folder for run in runs], path)
    elif what == "table3":
        from experiments.figures import table3

        table3.draw(runs[0].folder, path)
    elif what == "page":
        from experiments.figures import search_page

        search_page.draw(runs[0].folder, path)
    else:
        from experiments.figures import overview

        overview.draw(runs[0].folder, path)
        call("single_net.search", runs[0].folder, *SEARCHED, "-o", FIGURES_FOLDER / "search.png")
    return path


def _main() -> None:
    p = CommandParser(
        prog="python -m experiments.figures",
        description="Draw a figure from trained runs, which are trained first where that is missing.",
        epilog=EXAMPLE,
    )
    what = "README's overview and search; Table 3; Figure 3; the page to search in; the docs' sound, which needs no run"
    p.add_argument("what", choices=(*SHOWN, SOUND), help=what)
    p.add_argument("--data", nargs="+", default=[], choices=DATASETS, help="data sets; only figure3 shows several")
    p.add_argument("--variants", nargs="+", default=[], metavar="VARIANT", help="instead of the figure's own")
    add_set_option(p, "override a setting of every run")
    args = p.parse_args()
    if args.what == SOUND:
        if args.data or args.variants or args.set:
            raise InputError("sound needs no run: leave --data, --variants and --set out")
        from experiments.figures import sound

        sound.draw(FIGURES_FOLDER / "sound.png")
        print(f"figure: {FIGURES_FOLDER / 'sound.png'}")
        return
    data, study = choose_data(args.what, args.data), read_study("table1")
    by_data = {name: choose_runs(study, name, args.variants or SHOWN[args.what][1], [0], args.set) for name in data}
    if args.what != "figure3" and len(by_data[data[0]]) > 1:
        raise InputError(f"{args.what} shows one variant: leave out {', '.join(args.variants[1:])}")
    for runs in by_data.values():
        check(runs)
    # The data sets of a variant beside each other, as in the paper.
    in_order = [run for of_variant in zip(*by_data.values(), strict=True) for run in of_variant]
    print(f"figure: {draw(args.what, in_order)}")


if __name__ == "__main__":
    run_command(_main)
