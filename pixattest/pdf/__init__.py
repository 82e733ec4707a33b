"""Content, tags and fonts → a PDF file. It knows no template and no record.

What enters: kinds of pages, their contents, faces, pictures. What leaves: the bytes of a file that
conforms to PDF/UA-1 and PDF/A-2a. Read it in this order:

1. `objects`: values as PDF writes them; `object_template`: objects that many pages share.
2. `page_kind` and `tags`: which objects a page of a kind has, and their numbers; `pack` and
   `deflate`: the object streams in which many pages have them.
3. `block`: pages that are made together; `document`: blocks in order, and what they share;
   `writer`: numbers and places of objects in the file.
4. `font_file`, `fonts`, `typeface` (with `bidi`): a text becomes glyphs; `embedding` (with `cff`):
   glyphs become a subset of their font.
5. `images`, `qr`, `labels`, `outline`, `metadata`, `attachment`: one part of a file each.
"""
