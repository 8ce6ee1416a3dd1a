-- First and last time of the entries of an archive that can be used.
SELECT CAST(min(at_us) // 1000 AS BIGINT) AS first_ms, CAST(max(at_us) // 1000 AS BIGINT) AS last_ms
FROM cloudaudit_entries
WHERE problem IS NULL
