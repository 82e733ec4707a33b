"""Files of records → printed files, files of rejects, and a report of every row.

`running.run` tells the story: `reading` takes the rows of each source and puts them into the
`spool`, a database on disk, as memory must not grow with the batch; `selection` says who is wanted;
`outputs` shares the ordered records out to files; `issuing` lets a ledger give the codes;
`printing` makes the files, here or in `workers`; `delivery` packs them; `report` and `report_file`
tell what became of every row.

Read the files in that order, after `job` (what is asked, and what comes out) and `rows` (what a row
is at each stage). `order` and `names` know how people are sorted and files are called, `manifest`
how a stopped job goes on, `interrupts` and `workplace` how nothing half-done is left behind.
"""
