"""Sphinx configuration for `make docs`: warnings are errors, and pages load nothing from the network."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs import generate
from simulator import __version__

generate.write(generate.pages())

project = "backorder"
author = "The backorder-simulator authors"
copyright = author  # noqa: A001 - the name that Sphinx expects
version = release = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 4
nitpicky = True
exclude_patterns = ["**/values/*.md"]

html_theme = "furo"
html_title = "backorder"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_logo = html_favicon = "_static/mark.svg"
html_show_sphinx = False
html_copy_source = False
html_show_search_summary = False  # browsers cannot fetch the pages for it from a local folder
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5fa5", "color-brand-content": "#0b5fa5"},
    "dark_css_variables": {"color-brand-primary": "#7cc4ff", "color-brand-content": "#7cc4ff"},
}
