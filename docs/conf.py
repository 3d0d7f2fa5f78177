# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the documentation. It is built without any address outside: no intersphinx, no fonts from elsewhere."""

project = "impax.upgrade"
author = "The impax.upgrade maintainers"
copyright = "The impax.upgrade maintainers, GPL-3.0-or-later"
html_title = "impax.upgrade"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["Thumbs.db"]

html_theme = "furo"
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
html_use_smartypants = True
html_use_modindex = False
html_use_index = False
html_copy_source = False
html_show_sphinx = False

# Labels that stand in the documentation of ansible-core, which is not read here. Any other broken reference is an error.
suppress_warnings = ["ref.ref"]
nitpicky = False
