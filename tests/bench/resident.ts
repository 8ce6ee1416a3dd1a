import process from "node:process";

/**
 * The largest resident size of a process so far in bytes, by Linux; needs all permissions. Of this
 * process without it: what getrusage() tells, which a process begins with the peak of its parent.
 */
export function peakResident(id: number = Deno.pid): number {
  const peak = fieldOf(statusOf(id), "VmHWM") * 1024;
  return peak === 0 && id === Deno.pid ? process.resourceUsage().maxRSS * 1024 : peak;
}

/** The largest that a process below this one has been; 0 where the system does not tell. */
export function largestBelow(): number {
  const parents = new Map<number, number>();
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      if (/^\d+$/.test(name)) parents.set(Number(name), fieldOf(statusOf(Number(name)), "PPid"));
    }
  } catch {
    return 0;
  }
  const isBelow = (id: number): boolean => {
    const parent = parents.get(id);
    return parent !== undefined && (parent === Deno.pid || isBelow(parent));
  };
  return Math.max(0, ...[...parents.keys()].filter(isBelow).map(peakResident));
}

// One that has ended meanwhile has none.
function statusOf(id: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${id}/status`);
  } catch {
    return "";
  }
}

function fieldOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
}
