/** A credential that a session handed out; keyed hashes. */
export interface IssuedCredential {
  issued: string;
  /** What it was asked for with; "": with none, by a federated identity or a service. */
  used: string;
  /** Who asked. */
  principal: string;
  /** A service of the cloud asked: nobody stands behind it. */
  byService: boolean;
}

/** What lies between whoever began and a credential. */
interface Chain {
  /** Steps from key to key. */
  depth: number;
  /** Whose the first key was, as far as it was seen; null: a service's. */
  origin: string | null;
}

/** How the account of a role names a caller from another account: the id of a user or role. */
const OTHER_ACCOUNT = /^A(?:IDA|ROA)[A-Z0-9]{12,}/;

/** Steps that are followed: a longer chain is told as this long. */
const MAX_DEPTH = 64;

/**
 * Follows credentials from key to key. A credential that an identity provider's or a service's word
 * was enough for is no step of impersonation. Credentials that nothing here handed out have no chain.
 */
export class Chains {
  readonly #issued = new Map<string, IssuedCredential>();
  readonly #known = new Map<string, Chain>();

  /**
   * Of several that say they handed out the same, one with a key counts before one without, as the
   * account of a role logs a caller from another (facts/aws.md, `AWSAccount`); then the least.
   */
  constructor(credentials: Iterable<IssuedCredential>) {
    for (const credential of credentials) {
      const other = this.#issued.get(credential.issued);
      if (other === undefined || order(credential) < order(other)) {
        this.#issued.set(credential.issued, credential);
      }
    }
  }

  /** The chain that leads to a credential; null: it was not seen to be handed out. */
  of(credential: string): Chain | null {
    const known = this.#known.get(credential);
    if (known !== undefined) return known;
    const last = this.#issued.get(credential);
    if (last === undefined) return null;
    let depth = 0;
    let first = last;
    const seen = new Set([credential]);
    for (let step: IssuedCredential | undefined = last; step !== undefined;) {
      first = step;
      if (step.used === "" || seen.has(step.used) || depth >= MAX_DEPTH) break;
      depth += 1;
      seen.add(step.used);
      step = this.#issued.get(step.used);
    }
    // who comes from another account has a key there, which the log does not say
    if (first.used === "" && OTHER_ACCOUNT.test(first.principal)) depth += 1;
    const chain = { depth, origin: first.byService ? null : first.principal };
    this.#known.set(credential, chain);
    return chain;
  }
}

/** The longest of the chains that lead to a session's credentials; of several the least origin. */
export function longestChain(chains: readonly Chain[]): Chain | null {
  const inOrder = chains.toSorted((a, b) =>
    b.depth - a.depth || ((a.origin ?? "") < (b.origin ?? "") ? -1 : 1)
  );
  return inOrder[0] ?? null;
}

function order({ used, principal }: IssuedCredential): string {
  return JSON.stringify([used === "", principal, used]);
}
