"""A file, or an issuer's keys → verdicts on the file, or the page that gives them in a browser.

Read in this order: `verdicts` names what is checked and answered; `verify` is the way of a file,
page by page, in the process that `confinement` starts for it; `pages` reads PDFs and pictures;
`proofs` checks seals, signature and attachment; `comparison` holds a page's text against what is
sealed. `site` writes the static page that checks seals in a browser.
"""
