"""A file of records, JSON, JSON lines, CSV, XLSX or ODS → rows, and the records that they are.

Read in this order: `source` has the bytes of a file, and says what a row is. `opening` recognises
the format: `json` and `jsonl` read theirs row by row; `csv` and `sheet` read tables, whose
`columns` are recognised by their `headings`, and whose cells `values` understands. `codes` is a
second file, of verification codes. `records` checks each row, and is what `read_records` returns;
`rejects` writes faulty rows to a file that can be corrected and read again.
"""
