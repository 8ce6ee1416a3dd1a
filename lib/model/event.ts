import type { SessionFacts } from "./session.ts";
import type { RecordingState } from "./vocabulary.ts";

/** Size of a terminal in characters: `cols` across, `rows` down; both from 1 to 65535. */
export interface TerminalSize {
  cols: number;
  rows: number;
}

/**
 * One event of a recording, the same for every format. `atMs` is milliseconds on the recording's
 * own clock: 0 is its first event, it never goes back (steps back are clamped and counted in the
 * outcome). What a command, path or query says is in memory only: it is reduced to numbers and
 * dropped. By type: `print` and `input` have their bytes as `data`; `resize` a `size`; `start` and
 * `end` the `facts` that the recording tells of its session, hostile input; `command` has a program,
 * its arguments and process ids (`pid`, `ppid`; null where they were not recorded); `query` and
 * `request` a word as `method`; `desktop` says `what` a message was and how many `bytes` it has;
 * `other` the format's `name` of its kind; `unknown` its `number` in the format's union.
 */
export type RecordingEvent =
  /** Terminal output. `data` is a view that stays valid; do not change it. */
  | { type: "print"; atMs: number; data: Uint8Array }
  /** Keys, where a recorder kept them (asciicast only; Teleport never does). */
  | { type: "input"; atMs: number; data: Uint8Array }
  | { type: "resize"; atMs: number; size: TerminalSize }
  | {
    type: "start";
    atMs: number;
    facts: SessionFacts;
    size: TerminalSize | null;
    /** The command given at connection in place of a shell, where only the start says it. */
    command?: string;
    /** From where it was opened, as the log spells it. */
    clientAddress?: string;
  }
  | { type: "end"; atMs: number; facts: SessionFacts }
  | { type: "join" | "leave"; atMs: number }
  /**
   * A process was started: Teleport's `exec` or BPF's `session.command`; or a Kubernetes API was
   * asked (`kube`), of which `program` is the verb and the kind of resource.
   */
  | {
    type: "command";
    atMs: number;
    source: "exec" | "bpf" | "kube";
    /** Its name without the folders; in memory only. */
    program: string;
    /** Name of the file that was started, where it is another than the program's. */
    file?: string;
    /** Arguments after the program, bounded in number; in memory only. */
    argv: readonly string[];
    pid: bigint | null;
    ppid: bigint | null;
    /** null where the recorder did not say. */
    exitCode: number | null;
  }
  | {
    type: "network" | "disk";
    atMs: number;
    pid: bigint | null;
    /** What the system call returned; null where the recorder did not say. */
    returnCode: number | null;
    /** The host's own address of a connection. */
    address?: string;
  }
  /**
   * A statement sent to a database, or a request of an application or MCP session. Neither its text
   * nor its path is passed on: `method` is a word such as `SELECT`, `GET` or `tools/call`.
   */
  | {
    type: "query" | "request";
    atMs: number;
    method: string | null;
    /** Whether it only reads; null where that can't be told. */
    reads: boolean | null;
    /** Whether it succeeded; null where the log does not say. */
    ok: boolean | null;
    /** Whether it was refused for want of a permission. */
    denied: boolean;
  }
  /** What a desktop showed or was given, and how large the message is. */
  | { type: "desktop"; atMs: number; what: DesktopMessage; bytes: number }
  /** A known event that no feature needs; `name` is the format's own name of the kind. */
  | { type: "other"; atMs: number; name: string }
  /** A member of the union that this version does not know. */
  | { type: "unknown"; atMs: number; number: number };

/**
 * A batch of events in columns (`starts`, `ends`, `others`, `atMs`): what the hot path hands on,
 * without an object and a view for each print. Row `i` is a print where `starts[i] >= 0`: its data is
 * `bytes` from `starts[i]` to before `ends[i]`. Else it is the event `others[~starts[i]]`. Rows are
 * in order, `atMs` holds for all of them; only the first `length` entries of each column count. The
 * columns are used again for the next batch: take what you need before you ask for it. `bytes` stays
 * as it is.
 */
export interface EventColumns {
  length: number;
  bytes: Uint8Array;
  atMs: Float64Array;
  starts: Int32Array;
  ends: Int32Array;
  others: readonly RecordingEvent[];
}

/** `input`: mouse and keys; `file`: shared directories; `other`: sizes, errors, what is not known. */
export type DesktopMessage = "frame" | "input" | "clipboard" | "file" | "other";

/** What a recording is written in, as its first bytes say. */
export type RecordingFormat =
  | "protostream"
  | "asciicast-v1"
  | "asciicast-v2"
  | "asciicast-v3";

/** How the reading of a recording ended, and what was met on the way. */
export interface RecordingOutcome {
  /** `pending` until all was read. */
  state: RecordingState;
  /** null where the first bytes are those of no known format. */
  format: RecordingFormat | null;
  /** Why it is not `parsed`: one sentence, no content of the session. */
  error: string | null;
  /** Where, in bytes from the start of what was read (before decompression). */
  errorOffset: number | null;
  /** What the recording says of its session, from start, end and header; hostile input. */
  facts: SessionFacts;
  /** Wall-clock time of `atMs` 0 in milliseconds since 1970; null where the format has none. */
  originMs: number | null;
  /** Parts of a ProtoStream that were begun: what was uploaded in one piece each; else 0. */
  parts: number;
  /** Events handed out, by type. */
  events: Record<string, number>;
  /** Bytes of terminal output, over all prints. */
  outputBytes: number;
  /** Union members this version does not know: number to count. */
  unknown: Record<number, number>;
  /** Records left out, by reason (`duplicate`, `undecodable`, …). */
  skipped: Record<string, number>;
  /** How often the clock went back and was clamped. */
  clockSteps: number;
}
