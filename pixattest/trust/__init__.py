"""Keys; record + key → seal, signature, badge, list of revocations; each of them → what it proves.

Read in this order: `keys` makes and reads the issuer's key, and its public half; `seal` writes and
opens the content of a QR code, in the form of `cbor`. With the same key, `credential` makes the
badge that is attached to a PDF, and `revocations` the list of revoked codes, both in the form of
`jws`. `signing` signs PDFs, and reads their signatures, with another key;
what needs pyHanko for that is in `pades` and `signing_key`, and what a signature proves in
`signature_status`.
"""
