"""How `make docs` builds the documentation."""

import re
from importlib.metadata import version as installed_version

from sphinx.application import Sphinx

project = "Single-Net"
author = "The Single-Net contributors"
copyright = author
version = release = installed_version("single-net")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_default_options = {"members": True}
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = "Single-Net"
html_static_path = ["_static"]
html_css_files = ["wide_tables.css"]
html_show_sourcelink = False

TABLE_LINK = re.compile(r"^Table: \[.*\]\(.*\)\n\n", re.MULTILINE)  # for GitHub, which shows no included file


def setup(app: Sphinx) -> None:
    def without_table_links(app: Sphinx, page: str, source: list[str]) -> None:
        source[0] = TABLE_LINK.sub("", source[0])

    app.connect("source-read", without_table_links)
