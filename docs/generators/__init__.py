"""The programme itself → pages of docs/reference, as lines of Markdown.

One module makes one page: `command_line`, `record`, `python_api`, `svg`, `toml_files` and `errors`.
`drawings` has the drawings of the page on SVG, `markdown` and `docstrings` are what they share.
"""
