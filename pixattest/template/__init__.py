"""An SVG template, its words, the framework and the issuer → a compiled Plate.

A drawing is compiled once for each kind of page, in this order:

1. `folder` finds the drawing; `labels` reads the words of a language; `faces` finds the fonts.
2. `filling` works out the Jinja2 in the drawing; `lines` notes where each tag stood in its file.
3. `svg` reads the result strictly into a tree of `node`s; `style` is CSS, `geometry` numbers.
4. `compile` walks over the tree. `structure` makes tags of ARIA roles; `drawing` draws shapes,
   `text_elements` texts, `image_elements` images, and `flow` the blocks of further pages; `fields`
   knows what a record may fill in; `page` gathers what is drawn.
5. `plate` is what leaves. `sealed` refuses a sealed page that hides what its seal says.

A text is set by `text`, and `fitting` decides on its lines: there a name takes two lines, or is
refused. `slots` turns a record into the words that fill a plate, for the press.

For authors of templates there are `copying`, which makes a copy to start from, and `check`, which
compiles a template with an `inspection` of all that is drawn, for `samples`, and finds `overlaps`.
`findings` decides whether the first error ends the reading or all are gathered.
"""
