-- Reads events as the other queries do, which costs more memory than their pages: an error where it
-- can't be done. Only for DuckDB.
SELECT count(event_map(event_data)) AS events
FROM read_parquet(getvariable('files'))
