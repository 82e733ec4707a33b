"""Drawn content, tags and fonts → a PDF file. Knows no template and no record."""
