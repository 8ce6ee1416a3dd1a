import { QueryError, StorageError } from "./errors.ts";

/** What a task's permissions do not allow, and where that is changed. */
export function notAllowed({ message }: Deno.errors.NotCapable): string {
  const [what] = message.split(",");
  return `${what}, which the permissions of this task do not allow; ${mend(what!)}`;
}

function mend(what: string): string {
  if (what.includes("net access")) {
    return "where it is yours, add its host to --allow-net of the task in deno.json";
  }
  // Deno asks for all of --allow-sys where that variable is set
  if (what.includes('"ca"')) return "unset NODE_EXTRA_CA_CERTS, DENO_CERT names the file instead";
  return "add it to the flags of the task in deno.json, where you trust what asks for it";
}

/**
 * Why a source can't be read, and what mends it: what keeps that source from being read, and no
 * other. Any other fault is one of the kit, and is thrown on.
 */
export function sourceFault(error: unknown): string {
  if (error instanceof QueryError || error instanceof StorageError) return error.message;
  if (error instanceof Deno.errors.NotCapable) return notAllowed(error);
  throw error;
}
