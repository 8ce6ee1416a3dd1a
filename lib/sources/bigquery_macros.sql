-- Functions of BigQuery for DuckDB, so that the text of an aggregation runs on both. A macro is here
-- when a query needs it, or when DuckDB knows the name and means something else by it. Queries stay
-- within what both have: `||` for what may be NULL (CONCAT skips it here and not there), `[.]` in
-- patterns (BigQuery reads escapes in plain texts), COALESCE in every ORDER BY (NULLs sort apart).

-- BigQuery replaces all matches, DuckDB the first.
CREATE OR REPLACE MACRO regexp_replace(a, pattern, b) AS
  system.main.regexp_replace(a, pattern, b, 'g');
-- BigQuery gives the group of the pattern, and NULL where nothing matches.
CREATE OR REPLACE MACRO regexp_extract(a, pattern) AS
  CASE WHEN system.main.regexp_matches(a, pattern)
    THEN system.main.regexp_extract(a, pattern, 1) END;
CREATE OR REPLACE MACRO regexp_contains(a, pattern) AS system.main.regexp_matches(a, pattern);

-- BigQuery's SHA256 gives bytes, DuckDB's gives their hex text.
CREATE OR REPLACE MACRO to_hex(hex) AS hex;
CREATE OR REPLACE MACRO div(a, b) AS a // b;
CREATE OR REPLACE MACRO unix_micros(t) AS epoch_us(t);
CREATE OR REPLACE MACRO logical_and(x) AS bool_and(x);
-- list[SAFE_OFFSET(0)]: DuckDB counts from 1 and gives NULL beyond the end.
CREATE OR REPLACE MACRO safe_offset(i) AS CASE WHEN i < 0 THEN NULL ELSE i + 1 END;
CREATE OR REPLACE MACRO array_length(xs) AS len(xs);
-- Each text once, sorted; on BigQuery a query of the array stands in its place.
CREATE OR REPLACE MACRO array_in_order(xs) AS
  CASE WHEN len(xs) = 1 THEN xs ELSE list_sort(list_distinct(xs)) END;
CREATE OR REPLACE MACRO byte_length(a) AS strlen(a);
-- Only told apart from others of the same run: the functions need not agree.
CREATE OR REPLACE MACRO farm_fingerprint(a) AS hash(a);
CREATE OR REPLACE MACRO generate_uuid() AS CAST(uuid() AS VARCHAR);

-- A text of a log entry, NULL where another type stands in its place or nothing is in it.
CREATE OR REPLACE MACRO text_or_null(x) AS
  CASE WHEN ascii(x) NOT IN (0, ascii('['), ascii('{')) THEN x END;
