-- First and last time of the records of an archive that lie in the day of their file.
SELECT
  epoch_ms(min(logged_at)) AS first_ms,
  epoch_ms(max(logged_at)) AS last_ms
FROM (
  SELECT TRY_CAST(eventtime AS TIMESTAMPTZ) AS logged_at, "day" FROM cloudtrail_events
)
WHERE strftime(logged_at, '%Y/%m/%d') = "day"
