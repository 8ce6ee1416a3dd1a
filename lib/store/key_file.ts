import { createHmac, randomBytes } from "node:crypto";
import { StoreError } from "../model/errors.ts";
import type { Store } from "./store.ts";

const KEY_BYTES = 32;

/**
 * The key of a store, read from `<store>.key` or made there (mode 0600). The store keeps a proof of
 * it: another key would give other hashes for the same names, in silence. A store in memory has a
 * key that dies with it.
 */
export function storeKey(store: Store): Uint8Array {
  if (store.path === ":memory:") return randomBytes(KEY_BYTES);
  const file = `${realPath(store.path)}.key`;
  // the transaction keeps two processes from making two keys
  return store.transaction(() => {
    const known = store.statement("SELECT hash FROM key_check").get()?.["hash"];
    const key = readKey(file) ?? makeKey(store, { file, known });
    const hash = proof(key);
    if (known === undefined) {
      if (!store.readOnly) store.statement("INSERT INTO key_check VALUES (1, ?)").run(hash);
    } else if (known !== hash) {
      throw new StoreError(
        `Key file "${file}" is not the one of store "${store.path}"; restore the one that was ` +
          `made with it`,
      );
    }
    return key;
  });
}

function readKey(file: string): Uint8Array | null {
  let key: Uint8Array;
  try {
    if (!Deno.statSync(file).isFile) throw new StoreError(`Key file "${file}" is no plain file`);
    key = Deno.readFileSync(file);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (error instanceof Deno.errors.NotFound) return null;
    throw new StoreError(`Cannot read key file "${file}"; check its rights`, { cause: error });
  }
  if (key.length === KEY_BYTES) return key;
  throw new StoreError(
    `Key file "${file}" has ${key.length} bytes, expected ${KEY_BYTES}; restore it from a copy`,
  );
}

function makeKey(store: Store, { file, known }: { file: string; known: unknown }): Uint8Array {
  if (store.readOnly || known !== undefined) {
    throw new StoreError(
      `Key file "${file}" is missing; restore the one that was made with store "${store.path}"`,
    );
  }
  const key = randomBytes(KEY_BYTES);
  const draft = `${file}.new`;
  Deno.writeFileSync(draft, key, { mode: 0o600 });
  Deno.renameSync(draft, file);
  return key;
}

function proof(key: Uint8Array): string {
  return createHmac("sha256", key).update("shellscope key check").digest("hex");
}

/** Where a path leads when links are followed; the path itself where nothing is there yet. */
export function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
