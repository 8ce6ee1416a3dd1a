-- The records of one file, `{"Records": […]}`; one row of NULLs where it has none, as for files that
-- DuckDB reads by itself.
-- parameters: path, text
INSERT INTO split_items
SELECT path, unnest(CASE WHEN records IS NULL THEN [NULL] ELSE records END)
FROM (
  SELECT path, json_transform(
    text, CAST(to_json({Records: aws_records()}) AS VARCHAR)).Records AS records
  FROM (SELECT CAST(? AS VARCHAR) AS path, CAST(? AS VARCHAR) AS text)
)
