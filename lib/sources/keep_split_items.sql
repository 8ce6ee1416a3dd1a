-- What else was held goes, and its memory with it: rows that are deleted keep theirs.
CREATE OR REPLACE TABLE split_items AS
SELECT * FROM split_items WHERE filename IN (SELECT unnest(getvariable('split_paths')))
