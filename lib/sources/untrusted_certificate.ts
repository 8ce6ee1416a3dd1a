/** Codes of a server whose certificate is not trusted, as Node's client and our own name them. */
export const UNTRUSTED =
  /^(ERR_TLS_CERT|UNABLE_TO_\w+|(DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|CERT_\w+)$/;

/** What that means, and what mends it. */
export const TRUST =
  "its certificate is not trusted; where a proxy looks into TLS, name that one's in DENO_CERT";
