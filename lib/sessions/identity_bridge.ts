import type { Identified, IdentityRule, SubstratePrincipal } from "../model/identity.ts";
import { sideOf } from "../model/identity.ts";
import { osLoginName } from "./session_of_calls.ts";

/** What the configuration says of identities. */
export interface IdentityRules {
  /** Rules that apply. */
  rules: readonly IdentityRule[];
  /** The domain of names without one. */
  domain?: string | undefined;
  /** Domains that stand for another one: `{ "corp.example.com": "example.com" }`. */
  domains: Readonly<Record<string, string>>;
  /** Identities by principal, written out. */
  people: Readonly<Record<string, string>>;
  /** The same from a table; several identities for one principal are ambiguous. */
  table: ReadonlyMap<string, readonly string[]>;
}

// Plain ASCII on purpose: a letter that only looks like another one is another one.
const ADDRESS =
  /^([A-Za-z0-9_][A-Za-z0-9._%+'-]{0,62}[A-Za-z0-9_]|[A-Za-z0-9])@([A-Za-z0-9][A-Za-z0-9.-]{0,188}\.[A-Za-z]{2,63})$/;
const BARE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/;
const OS_LOGIN = /^[a-z0-9_][a-z0-9_-]{0,31}$/;
/** Longer principals than this are read by no rule but those that name them whole. */
const MAX_READ = 512;
const SSO_ROLE =
  /^arn:aws[a-z-]{0,10}:sts::[0-9]{1,16}:assumed-role\/AWSReservedSSO_[A-Za-z0-9+=,.@_-]{1,80}_[0-9a-f]{8,32}\/([^/]+)$/;
const ROLE = /^arn:aws[a-z-]{0,10}:sts::[0-9]{1,16}:assumed-role\/[^/]+\/([^/]+)$/;
const WORKFORCE = /^principal:\/\/iam\.googleapis\.com\/.*\/workforcePools\/[^/]+\/subject\/(.+)$/;

/** A reading of a principal, before it is known whether it stands alone. */
interface Candidate {
  identity: string;
  rule: IdentityRule;
  vouched: boolean;
  /** The name was put together, so that it may be nobody's. */
  made: boolean;
}

/**
 * Maps principals to identities by the rules of a configuration. Whoever is written out by name is
 * who is written; others are read by the shape that their substrate gives names, as plain ASCII, so
 * that no control character, look-alike letter or cut name matches by accident. Where several
 * readings stay, those that nobody else bears are dropped; if several are left none is taken.
 */
export class IdentityBridge {
  readonly #rules: ReadonlySet<IdentityRule>;
  readonly #known = new Set<string>();
  readonly #byOsLogin = new Map<string, Set<string>>();

  constructor(private readonly options: IdentityRules) {
    this.#rules = new Set(options.rules);
    for (const identity of Object.values(options.people)) this.#learn(identity);
    for (const identities of options.table.values()) {
      identities.forEach((name) => this.#learn(name));
    }
  }

  /** Learns of an identity that a principal names in full, for names that only stand for one. */
  see(principal: SubstratePrincipal): void {
    for (const { identity, made } of this.#read(principal)) if (!made) this.#learn(identity);
  }

  /** Whose a principal is; all principals should have been seen before. */
  of(principal: SubstratePrincipal): Identified {
    const written = this.#written(principal.principal);
    if (written !== null) return written;
    const read = [...this.#read(principal), ...this.#osLogins(principal)];
    const byName = new Map(read.map((candidate) => [candidate.identity, candidate]));
    let left = [...byName.values()];
    if (left.length > 1) left = left.filter(({ identity }) => this.#known.has(identity));
    if (left.length > 1) return { state: "ambiguous", candidates: left.length };
    const [found] = left;
    // several readings of which nobody bears any: which one is meant is not known
    if (found === undefined) {
      return byName.size > 1
        ? { state: "ambiguous", candidates: byName.size }
        : { state: "unmatched" };
    }
    const { identity, rule, vouched } = found;
    return { state: "matched", identity, rule, vouched };
  }

  #learn(identity: string): void {
    if (this.#known.has(identity)) return;
    this.#known.add(identity);
    const login = osLoginName(identity);
    const bearers = this.#byOsLogin.get(login);
    if (bearers === undefined) this.#byOsLogin.set(login, new Set([identity]));
    else bearers.add(identity);
  }

  #written(principal: string): Identified | null {
    const { people, table } = this.options;
    const named = this.#rules.has("exact") && Object.hasOwn(people, principal)
      ? [people[principal]!]
      : [];
    const listed = this.#rules.has("table") ? table.get(principal) ?? [] : [];
    const identities = new Set([...named, ...listed]);
    if (identities.size > 1) return { state: "ambiguous", candidates: identities.size };
    const [identity] = identities;
    if (identity === undefined) return null;
    const rule = named.length > 0 ? "exact" : "table";
    return { state: "matched", identity, rule, vouched: true };
  }

  #read({ substrate, principal }: SubstratePrincipal): Candidate[] {
    if (principal.length > MAX_READ) return [];
    switch (sideOf(substrate)) {
      case "teleport":
      case "tailscale":
        return this.#address(principal, { rule: "teleport-user", vouched: true });
      case "asciicast":
        return this.#address(principal, { rule: "teleport-user", vouched: false });
      case "gcp":
        return this.#google(principal);
      case "aws":
        return this.#amazon(principal);
    }
    return [];
  }

  #google(principal: string): Candidate[] {
    const subject = WORKFORCE.exec(principal)?.[1];
    if (subject !== undefined) {
      return this.#rules.has("federated")
        ? this.#address(subject, { rule: "federated", vouched: true })
        : [];
    }
    const name = principal.replace(/^(?:user|serviceAccount):/, "");
    return ADDRESS.test(name) ? this.#address(name, { rule: "exact", vouched: true }) : [];
  }

  #amazon(principal: string): Candidate[] {
    const person = SSO_ROLE.exec(principal)?.[1];
    if (person !== undefined) {
      return this.#rules.has("identity-center")
        ? this.#address(person, { rule: "identity-center", vouched: true })
        : [];
    }
    const session = ROLE.exec(principal)?.[1];
    if (session === undefined || !this.#rules.has("role-session") || !ADDRESS.test(session)) {
      return [];
    }
    // whoever assumes a role chooses the name
    return this.#address(session, { rule: "role-session", vouched: false });
  }

  /** The identity that an address names, or a bare name completes to. */
  #address(
    text: string,
    { rule, vouched }: { rule: IdentityRule; vouched: boolean },
  ): Candidate[] {
    const [, local, host] = ADDRESS.exec(text) ?? [];
    if (local !== undefined && host !== undefined) {
      const { identity, last } = this.#normal(local, host);
      const isPlain = rule === "teleport-user" || rule === "exact";
      if (isPlain && !this.#rules.has(last)) return [];
      return [{ identity, rule: isPlain ? last : rule, vouched, made: false }];
    }
    const { domain } = this.options;
    if (domain === undefined || !BARE_NAME.test(text)) return [];
    if (rule === "teleport-user" && !this.#rules.has(rule)) return [];
    return [{ identity: this.#normal(text, domain).identity, rule, vouched, made: true }];
  }

  #normal(local: string, host: string): { identity: string; last: IdentityRule } {
    let last: IdentityRule = "exact";
    let [name, domain] = [local, host];
    if (this.#rules.has("case")) {
      // of ASCII letters only: others have capitals of their own
      [name, domain] = [lower(local), lower(host)];
      if (name !== local || domain !== host) last = "case";
    }
    if (this.#rules.has("domain") && Object.hasOwn(this.options.domains, lower(domain))) {
      [domain, last] = [this.options.domains[lower(domain)]!, "domain"];
    }
    return { identity: `${name}@${domain}`, last };
  }

  #osLogins({ principal }: SubstratePrincipal): Candidate[] {
    if (!this.#rules.has("os-login") || !OS_LOGIN.test(principal)) return [];
    return [...this.#byOsLogin.get(principal) ?? []].map((identity) => (
      { identity, rule: "os-login", vouched: true, made: false }
    ));
  }
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
