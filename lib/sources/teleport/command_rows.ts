import { z } from "zod";
import { ADDRESS_PLACES, type AddressPlace, type SessionAddresses } from "../../model/address.ts";
import { cliName, type MarkedCommand } from "../../model/cloud_command.ts";
import type { RecordingEvent } from "../../model/event.ts";
import type { QueryEngine } from "../query_engine.ts";
import { readQueryFile } from "../query_file.ts";
import { SessionRows } from "./session_rows.ts";

/** What the log holds of a session's processes; BPF writes to the log, not into the recording. */
export interface SessionCommands {
  /**
   * Exec and BPF events and Kubernetes requests, in order of time; `atMs` 0 is the first. `program`
   * is a number within the session, as text: the query gives no names, and `argv` is empty.
   */
  events: CommandEvent[];
  /** When the first was, in milliseconds since 1970. */
  originMs: number;
  /** Connections and opened files, as BPF saw them. */
  network: number;
  disk: number;
}
type CommandEvent = Extract<RecordingEvent, { type: "command" }> & MarkedCommand;

const COMMANDS = readQueryFile(new URL("./commands.sql", import.meta.url));
const BPF_COUNTS = readQueryFile(new URL("./bpf_counts.sql", import.meta.url));

const commandRow = z.object({
  session_id: z.string(),
  source: z.enum(["exec", "bpf", "kube", ...ADDRESS_PLACES]),
  address: z.string().nullable(),
  pid: z.number().int().nullable(),
  ppid: z.number().int().nullable(),
  exit_code: z.number().int().nullable(),
  at_ms: z.number().int(),
  program: z.number().int(),
  cli: z.string().nullable(),
});
type CommandRow = z.infer<typeof commandRow>;

const countRow = z.object({
  session_id: z.string(),
  network: z.number().int(),
  disk: z.number().int(),
});

/**
 * Reads the commands of sessions that are asked for in the order of their ids. Both queries give
 * that order too, so that no more than one session is held. Close it when done.
 */
export class CommandReader {
  readonly #commands: SessionRows<CommandRow>;
  readonly #counts: SessionRows<z.infer<typeof countRow>>;

  constructor(engine: QueryEngine, values: Readonly<Record<string, string>>) {
    this.#commands = new SessionRows(engine.query(COMMANDS, values), commandRow);
    this.#counts = new SessionRows(engine.query(BPF_COUNTS, values), countRow);
  }

  /** Runs both queries up to their first row, so that faults of the files show. */
  async start(): Promise<void> {
    await this.#commands.peek();
    await this.#counts.peek();
  }

  /** What the log holds of a session; the commands are null where there are none. */
  async of(
    sessionId: string,
  ): Promise<{ commands: SessionCommands | null; addresses: SessionAddresses }> {
    const all = await this.#commands.take(sessionId);
    const rows = all.filter(({ source }) => !isPlace(source));
    const counts = (await this.#counts.take(sessionId))[0];
    const seenAt = (place: AddressPlace) =>
      all.flatMap(({ source, address }) => source === place && address !== null ? [address] : []);
    const addresses = { client: seenAt("client"), host: seenAt("host") };
    if (rows.length === 0 && counts === undefined) return { commands: null, addresses };
    const firstMs = rows[0]?.at_ms ?? 0;
    return {
      commands: {
        events: rows.map((row) => commandEvent(row, firstMs)),
        originMs: firstMs,
        network: counts?.network ?? 0,
        disk: counts?.disk ?? 0,
      },
      addresses,
    };
  }

  async close(): Promise<void> {
    await this.#commands.close();
    await this.#counts.close();
  }
}

function commandEvent(row: CommandRow, firstMs: number): CommandEvent {
  return {
    type: "command",
    atMs: row.at_ms - firstMs,
    source: row.source as CommandEvent["source"],
    program: String(row.program),
    argv: [],
    pid: row.pid === null ? null : BigInt(row.pid),
    ppid: row.ppid === null ? null : BigInt(row.ppid),
    exitCode: row.exit_code,
    cli: cliName(row.cli ?? ""),
  };
}

function isPlace(source: CommandRow["source"]): source is AddressPlace {
  return (ADDRESS_PLACES as readonly string[]).includes(source);
}
