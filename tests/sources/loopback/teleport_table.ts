import { join } from "node:path";
import { eventFiles, openEvents } from "../../../lib/sources/teleport/event_files.ts";
import type { LoopbackTable } from "./athena_server.ts";

/** Teleport's events in a folder of `YYYY-MM-DD/*.parquet`, under the name a query calls them. */
export function teleportTable(events: string, name: string | undefined): LoopbackTable {
  const all = { since: new Date(0), until: new Date("2100-01-01") };
  const files = () => eventFiles(events, all, () => {});
  return {
    key: async () => JSON.stringify(await files()),
    open: async (engine) => await openEvents(engine, await soundOnly(await files())),
    text: (sql) => sql.replaceAll(`"${name}"`, "teleport_events"),
    // as Athena bills: the partitions between the first two parameters
    async bytesOf([firstDay = "", lastDay = ""]) {
      let bytes = 0;
      for await (const { name } of Deno.readDir(events)) {
        if (name < firstDay || name > lastDay) continue;
        for await (const file of Deno.readDir(join(events, name))) {
          bytes += (await Deno.stat(join(events, name, file.name))).size;
        }
      }
      return bytes;
    },
    metadata: tableMetadata,
  };
}

/** Files that end as Parquet does; a cut one would be an error of the whole table. */
async function soundOnly(files: readonly string[]): Promise<string[]> {
  const sound: string[] = [];
  for (const path of files) {
    const bytes = await Deno.readFile(path);
    if (new TextDecoder().decode(bytes.subarray(-4)) === "PAR1") sound.push(path);
  }
  return sound;
}

function tableMetadata(name: string): object {
  const columns = ["uid", "session_id", "event_type", "event_time", "event_data", "user"];
  return {
    Name: name,
    Columns: columns.map((column) => ({
      Name: column,
      Type: column === "event_time" ? "timestamp" : "string",
    })),
    PartitionKeys: [{ Name: "event_date", Type: "date" }],
    Parameters: {
      "projection.enabled": "true",
      "projection.event_date.type": "date",
      "storage.location.template": "s3://longterm/events/${event_date}/",
    },
  };
}
