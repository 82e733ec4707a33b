"""TOML files and JSON-like values → Framework, Issuer and Record: what an attestation says.

Read in this order: `settings` reads a TOML file into a typed struct, for `framework`, the
competences and levels, and `issuer`, who attests. `fields` is what the declaration of a record's
field consists of; `record` declares each field, and makes records; `checks` has their rules, and
`schema` tells the rules to other programs. `codes` draws verification codes, `assets` finds what is
shipped. `pages` selects pages of a file, and `pagination` says which pages a file has.

A value that leaves this room is frozen and valid; the rooms above trust it.
"""
