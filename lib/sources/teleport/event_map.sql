-- The JSON of an event as a map of its first level, which json_extract_scalar takes as well; NULL
-- where it is no JSON object. DuckDB takes 2,048 rows at a time: from long ones, which the one under
-- study can make, arguments and error texts are cut out before the JSON is read, and of a command
-- all but its first word.
CREATE OR REPLACE MACRO event_map(event) AS
  TRY(from_json(
    CASE WHEN strlen(event) <= 16384 THEN event
      ELSE regexp_replace(
        regexp_replace(
          regexp_replace(
            event,
            '"command":"(\s*[^"\\\s]*)(?:[^"\\]|\\.)*"', '"command":"\1"'),
          '"(argv|initial_command)":\[(?:"(?:[^"\\]|\\.)*",?)*\]', '"\1":[]', 'g'),
        '"(exitError|reason)":"(?:[^"\\]|\\.)+"', '"\1":"-"', 'g')
    END,
    '"MAP(VARCHAR, JSON)"'
  ))
