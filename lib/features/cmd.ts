import type { CmdFeatures } from "../model/cmd_features.ts";
import type { RecordingEvent } from "../model/event.ts";
import { Quantiles } from "./quantiles.ts";

/** Distinct programs and processes followed; a session with more has them counted up to here. */
const MAX_PROGRAMS = 65536;
const MAX_PROCESSES = 262144;
const BURST_SECONDS = 0.2;

/**
 * The `cmd_…` features, in one pass over command, network and disk events in order of time. Names
 * of programs are only told apart, never kept.
 */
export class CmdAccumulator {
  #exec = 0;
  #bpf = 0;
  #kube = 0;
  #network = 0;
  #disk = 0;
  #failures = 0;
  #depth = 0;
  #bursts = 0;
  #lastAtMs = NaN;
  #terminal = false;
  readonly #gaps = new Quantiles();
  readonly #programs = new Set<string>();
  readonly #depths = new Map<bigint, number>();

  add(event: RecordingEvent): void {
    switch (event.type) {
      case "command":
        return this.#command(event);
      case "network":
        this.#network += 1;
        return;
      case "disk":
        this.#disk += 1;
        return;
      case "start":
        if (event.size) this.#terminal = true;
        if (event.command !== undefined) this.#given(event.command, event.atMs);
        return;
      case "print":
      case "resize":
        this.#terminal = true;
    }
  }

  /** Says that the session had a terminal, where that is known without its events. */
  terminal(): void {
    this.#terminal = true;
  }

  /** The features; null where there was no command, connection or file. */
  finish(): CmdFeatures | null {
    const commands = this.#exec + this.#bpf + this.#kube;
    if (commands + this.#network + this.#disk === 0) return null;
    return {
      cmd_commands: commands,
      cmd_exec: this.#exec,
      cmd_bpf: this.#bpf,
      cmd_network: this.#network,
      cmd_disk: this.#disk,
      cmd_programs: this.#programs.size,
      cmd_depth: this.#bpf > 0 ? this.#depth : null,
      cmd_failures: this.#failures,
      cmd_gap_p50: this.#gaps.quantile(0.5),
      cmd_gap_p90: this.#gaps.quantile(0.9),
      cmd_burst_share: this.#gaps.count > 0 ? this.#bursts / this.#gaps.count : null,
      cmd_single_shot: this.#exec === 1 && !this.#terminal,
    };
  }

  #command(event: RecordingEvent & { type: "command" }): void {
    if (event.source === "exec") this.#exec += 1;
    else if (event.source === "bpf") this.#bpf += 1;
    else this.#kube += 1;
    if (event.exitCode !== null && event.exitCode !== 0) this.#failures += 1;
    if (this.#programs.size < MAX_PROGRAMS) this.#programs.add(event.program);
    if (event.pid !== null) this.#process(event.pid, event.ppid);
    if (!Number.isNaN(this.#lastAtMs)) {
      const gap = Math.max(0, event.atMs - this.#lastAtMs) / 1000;
      this.#gaps.add(gap);
      if (gap < BURST_SECONDS) this.#bursts += 1;
    }
    this.#lastAtMs = event.atMs;
  }

  // A command of which the recorder kept no event.
  #given(command: string, atMs: number): void {
    const program = /^\s*(?:\S*\/)?(\S*)/.exec(command)?.[1] ?? "";
    const unknown = { pid: null, ppid: null, exitCode: null };
    this.#command({ type: "command", atMs, source: "exec", program, argv: [], ...unknown });
  }

  // A process whose parent was not seen to start stands at the top.
  #process(pid: bigint, ppid: bigint | null): void {
    const known = ppid === null || ppid === pid ? undefined : this.#depths.get(ppid);
    const depth = (known ?? 0) + 1;
    if (depth > this.#depth) this.#depth = depth;
    if (this.#depths.size < MAX_PROCESSES) this.#depths.set(pid, depth);
  }
}

/**
 * The `cmd_…` features of events that do not come from a recording, such as the exec, BPF and kube
 * rows of the audit log; in order of time. `terminal`: whether the session had one.
 */
export function commandFeatures(
  events: Iterable<RecordingEvent>,
  options: { terminal?: boolean } = {},
): CmdFeatures | null {
  const features = new CmdAccumulator();
  if (options.terminal) features.terminal();
  for (const event of events) features.add(event);
  return features.finish();
}
