import { MAX_ADDRESSES, type SessionAddresses } from "../model/address.ts";
import type { MarkedCommand } from "../model/cloud_command.ts";
import type { RecordingEvent } from "../model/event.ts";
import { cloudCommand } from "./cloud_commands.ts";

/** What a recording is held against other sessions by; addresses are in memory only. */
export interface RecordingMarks {
  /** The first commands, in order of time. */
  commands: MarkedCommand[];
  addresses: SessionAddresses;
}

/** Commands that are kept; those beyond are only counted. */
const MAX_COMMANDS = 1000;

/** Commands and addresses of a recording, in one pass over its events. */
export class MarksAccumulator {
  readonly #commands: MarkedCommand[] = [];
  readonly #client = new Set<string>();
  readonly #host = new Set<string>();

  add(event: RecordingEvent): void {
    if (event.type === "command") this.#command(event);
    else if (event.type === "network") note(this.#host, event.address);
    else if (event.type === "start") note(this.#client, event.clientAddress);
  }

  /** The marks; null where there are none. */
  finish(): RecordingMarks | null {
    if (this.#commands.length + this.#client.size + this.#host.size === 0) return null;
    return {
      commands: this.#commands,
      addresses: { client: [...this.#client], host: [...this.#host] },
    };
  }

  #command({ source, atMs, program, file, argv, exitCode }: RecordingEvent & { type: "command" }) {
    if (this.#commands.length >= MAX_COMMANDS) return;
    this.#commands.push({ source, atMs, cli: cloudCommand(file ?? program, argv), exitCode });
  }
}

function note(addresses: Set<string>, address: string | undefined): void {
  if (address !== undefined && addresses.size < MAX_ADDRESSES) addresses.add(address);
}
