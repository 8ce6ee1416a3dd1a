-- Who called what in a minute, as far as user agents name the command: what terminals' commands are
-- held against, read from here alone, since a minute's row is wide and lies with others of its
-- principal. `commands`: a JSON array of [name, [offset_ms, …]], one for each stretch of calls of one
-- command.
CREATE TABLE called_commands (
  source TEXT NOT NULL,
  minute TEXT NOT NULL,
  substrate TEXT NOT NULL,
  principal TEXT NOT NULL,
  driver TEXT NOT NULL,
  commands TEXT NOT NULL,
  PRIMARY KEY (source, minute, substrate, principal, driver),
  FOREIGN KEY (substrate, principal, driver, minute, source) REFERENCES call_minutes
    ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO called_commands
SELECT source, minute, substrate, principal, driver, commands FROM (
  SELECT source, minute, substrate, principal, driver, (
    SELECT nullif(json_group_array(json_array(name, json(offsets)) ORDER BY first), '[]') FROM (
      SELECT name, json_group_array(offset_ms ORDER BY place) AS offsets, min(place) AS first FROM (
        SELECT place, name, offset_ms, row_number() OVER (ORDER BY place)
          - row_number() OVER (PARTITION BY name ORDER BY place) AS stretch
        FROM (
          SELECT call.key AS place, call.value ->> 0 AS offset_ms, agent.value ->> 'command' AS name
          FROM json_each(calls) AS call
            JOIN json_each(facts, '$.agents') AS agent ON agent.key = call.value ->> 6
        ) WHERE name IS NOT NULL
      ) GROUP BY name, stretch
    )
  ) AS commands
  FROM call_minutes WHERE facts LIKE '%"command":"%'
) WHERE commands IS NOT NULL;
