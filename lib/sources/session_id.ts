const SAFE_ID = /^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$/;

/**
 * Whether an id from outside may name a session and become part of a file name: letters, digits,
 * `-` and `_`, at most 128. Teleport's ids are UUIDs, or hex for applications.
 */
export function isSessionId(id: string): boolean {
  return SAFE_ID.test(id);
}
