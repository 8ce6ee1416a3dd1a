-- Functions of Trino (Athena) for DuckDB, so that one query text runs on both. A macro is here
-- when a query needs it, or when DuckDB knows the name and means something else by it.

-- Trino: NULL for text that is no JSON, for objects, arrays and JSON null; keys with dots are
-- written $["addr.local"], which DuckDB spells $."addr.local".
CREATE OR REPLACE MACRO json_at(j, path) AS
  CASE WHEN json_valid(j)
    THEN json_extract(j, regexp_replace(path, '\["([^"]*)"\]', '."\1"', 'g')) END;
CREATE OR REPLACE MACRO json_extract_scalar(j, path) AS
  CASE WHEN json_type(json_at(j, path)) NOT IN ('OBJECT', 'ARRAY', 'NULL')
    THEN json_at(j, path) ->> '$' END;

-- Trino counts whole units, DuckDB the boundaries crossed.
CREATE OR REPLACE MACRO date_diff(unit, a, b) AS date_sub(unit, a, b);

CREATE OR REPLACE MACRO to_unixtime(t) AS epoch(t);
CREATE OR REPLACE MACRO from_iso8601_timestamp(t) AS CAST(t AS TIMESTAMPTZ);
CREATE OR REPLACE MACRO approx_percentile(x, share) AS approx_quantile(x, share);
CREATE OR REPLACE MACRO cardinality(xs) AS len(xs);
CREATE OR REPLACE MACRO element_at(xs, i) AS xs[i];
CREATE OR REPLACE MACRO array_join(xs, separator) AS array_to_string(xs, separator);
CREATE OR REPLACE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern);
