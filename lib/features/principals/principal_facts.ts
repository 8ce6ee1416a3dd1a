import type { RawMinute } from "../../model/call_minute.ts";
import { awsPrincipal } from "./aws_principal.ts";
import { gcpPrincipal } from "./gcp_principal.ts";
import type { PrincipalFacts } from "./principal.ts";

/** What the principal of a row is, as its cloud spells principals. */
export function principalFacts(
  { substrate, principal }: Pick<RawMinute, "substrate" | "principal">,
): PrincipalFacts {
  return substrate === "gcp-cloud-audit" ? gcpPrincipal(principal.name) : awsPrincipal(principal);
}
