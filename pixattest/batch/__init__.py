"""Valid records → their order, and the files that they go to."""
