/** An answer with all its words has some 10 KiB; what a model thinks aloud before it, some 100. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The server sent more than an answer can have. */
export class OversizeError extends Error {
  override name = "OversizeError";
}

/**
 * `fetch` for a server that may misbehave: it follows no redirect, since the excerpt is meant for
 * the host in the configuration alone, and it reads the body to its end, so that whoever set a time
 * for the request has set it for the body too. Throws an {@link OversizeError} above 4 MiB.
 */
export async function boundedFetch(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: "manual" });
  const { status, statusText, headers } = response;
  const body = await wholeBody(response);
  // statuses without a body may not be given one
  return new Response(body.length === 0 ? null : body, { status, statusText, headers });
}

async function wholeBody({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    length += piece.length;
    if (length > MOST_BYTES) throw new OversizeError(`more than ${MOST_BYTES} bytes came`);
    pieces.push(piece);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
