import type { ApiSubstrate, RawMinute } from "../../model/call_minute.ts";
import { awsPrincipal } from "./aws_principal.ts";
import { gcpPrincipal } from "./gcp_principal.ts";
import type { PrincipalFacts } from "./principal.ts";

const READERS: Record<ApiSubstrate, (principal: RawMinute["principal"]) => PrincipalFacts> = {
  "gcp-cloud-audit": ({ name }) => gcpPrincipal(name),
  "aws-cloudtrail": awsPrincipal,
};

/** What the principal of a row is, as its cloud spells principals. */
export function principalFacts(
  { substrate, principal }: Pick<RawMinute, "substrate" | "principal">,
): PrincipalFacts {
  return READERS[substrate](principal);
}
