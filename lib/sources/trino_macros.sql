-- Functions of Trino (Athena) for DuckDB, so that one query text runs on both. A macro is here
-- when a query needs it, or when DuckDB knows the name and means something else by it.

-- Trino: NULL for text that is no JSON, for objects, arrays and JSON null; keys with dots are
-- written $["addr.local"], which DuckDB spells $."addr.local".
CREATE OR REPLACE MACRO json_at(j, path) AS
  CASE WHEN json_valid(j)
    THEN json_extract_path(j, regexp_replace(path, '\["([^"]*)"\]', '."\1"', 'g')) END;
CREATE OR REPLACE MACRO json_scalar(j, path) AS
  CASE WHEN json_type(json_at(j, path)) NOT IN ('OBJECT', 'ARRAY', 'NULL')
    THEN json_at(j, path) ->> '$' END;

-- A view may give JSON as a map of its first level, read once a row: DuckDB reads a text anew for
-- each key, and 25 keys of 2,048 rows at a time fill half a gigabyte. In such a map a JSON null is
-- NULL, and a value's first character tells its type.
CREATE OR REPLACE MACRO json_key(path) AS
  regexp_replace(path, '^\$(?:\.([^.\[]+)|\["([^"]*)"\]).*$', '\1\2');
CREATE OR REPLACE MACRO json_rest(path) AS
  regexp_replace(path, '^\$(?:\.[^.\[]+|\["[^"]*"\])', '$');
CREATE OR REPLACE MACRO json_extract_scalar
  (j VARCHAR, path) AS json_scalar(j, path),
  (j MAP(VARCHAR, JSON), path) AS
    CASE left(j[json_key(path)], 1)
      WHEN '"' THEN CASE WHEN json_rest(path) = '$' THEN j[json_key(path)] ->> '$' END
      WHEN '{' THEN json_scalar(j[json_key(path)], json_rest(path))
      WHEN '[' THEN json_scalar(j[json_key(path)], json_rest(path))
      ELSE CASE WHEN json_rest(path) = '$' THEN CAST(j[json_key(path)] AS VARCHAR) END
    END;

-- What objects and arrays hold; the first line of each macro is for text, the second for such a map.
CREATE OR REPLACE MACRO json_extract
  (j VARCHAR, path) AS json_at(j, path),
  (j MAP(VARCHAR, JSON), path) AS json_at(CAST(j[json_key(path)] AS VARCHAR), json_rest(path));
CREATE OR REPLACE MACRO json_count(j) AS
  CASE json_type(j)
    WHEN 'ARRAY' THEN json_array_length(j)
    WHEN 'OBJECT' THEN len(json_keys(j))
    WHEN 'NULL' THEN NULL
    ELSE 0 END;
CREATE OR REPLACE MACRO json_size
  (j VARCHAR, path) AS json_count(json_at(j, path)),
  (j MAP(VARCHAR, JSON), path) AS
    json_count(json_at(CAST(j[json_key(path)] AS VARCHAR), json_rest(path)));

-- Trino counts whole units, DuckDB the boundaries crossed.
CREATE OR REPLACE MACRO date_diff(unit, a, b) AS date_sub(unit, a, b);

CREATE OR REPLACE MACRO to_unixtime(t) AS epoch(t);
CREATE OR REPLACE MACRO from_iso8601_timestamp(t) AS CAST(t AS TIMESTAMPTZ);
CREATE OR REPLACE MACRO cardinality(xs) AS len(xs);
CREATE OR REPLACE MACRO element_at(xs, i) AS xs[i];
CREATE OR REPLACE MACRO array_join(xs, separator) AS array_to_string(xs, separator);
CREATE OR REPLACE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern);
-- Trino hashes bytes to bytes; DuckDB hashes texts to hex digits.
CREATE OR REPLACE MACRO to_utf8(text) AS text;
CREATE OR REPLACE MACRO to_hex(hex) AS hex;
-- Only told apart from others of the same run: the functions need not agree.
CREATE OR REPLACE MACRO xxhash64(text) AS CAST(hash(text) AS VARCHAR);
