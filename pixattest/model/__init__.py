"""TOML file, mapping → Framework, Issuer, Record: typed, frozen, valid."""
