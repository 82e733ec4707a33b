"""Files of records → raw records with where they stand; one module a format."""
