"""SVG template + labels + framework + issuer → a compiled Plate. Knows no file of records."""
