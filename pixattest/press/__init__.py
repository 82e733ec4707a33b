"""A template, an issuer and records → PDF files.

`press.py` is the face, `Press`: it reads records, prints one (`render`) or many (`write`).
The way of a record goes down from there. `plates.py` looks up the printer of its kind of page, and
makes it at first sight from a plate, which `plate_folder.py` may have kept. `page_printer.py`
prints the page, part by part (`parts.py`), and `details.py` the further pages of a person.
`blocks.py` gathers the pages of a file in blocks, and prints them here or by an executor, such as
that of `distributed.py`. The room `pdf` writes the file. `preview.py` shows a template while it is
drawn.
"""
