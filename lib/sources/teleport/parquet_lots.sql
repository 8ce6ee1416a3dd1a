-- How many bytes of each file of the variable "files" DuckDB would hold at once: it reads 2,048 rows
-- of a group together, and makes copies of them. By what the footers say. Only for DuckDB.
SELECT file_name, CAST(max(bytes) AS BIGINT) AS bytes
FROM (
  SELECT file_name,
    sum(total_uncompressed_size) * least(2048, max(row_group_num_rows))
      / greatest(1, max(row_group_num_rows)) AS bytes
  FROM parquet_metadata(getvariable('files'))
  WHERE path_in_schema IN ('uid', 'session_id', 'event_type', 'event_data', 'user')
  GROUP BY file_name, row_group_id
)
GROUP BY file_name
