import { createHash } from "node:crypto";

/** One machine's share of a backfill: the `index`th of `of`, from 1. */
export interface Shard {
  index: number;
  of: number;
}

/** As many machines at most. */
const MAX_SHARDS = 10_000;

/** `2/8` as a shard; null for other text. */
export function parseShard(text: string): Shard | null {
  const [, index, of] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  return shard.index >= 1 && shard.index <= shard.of && shard.of <= MAX_SHARDS ? shard : null;
}

/** Whether a shard takes what has this id: exactly one of all does, whatever else there is. */
export function inShard({ index, of }: Shard, id: string): boolean {
  const hash = createHash("sha256").update(id).digest();
  return hash.readUInt32BE(0) % of === index - 1;
}
