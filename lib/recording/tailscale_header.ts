import type { SessionFacts } from "../model/session.ts";
import type { Decoded } from "./teleport_facts.ts";
import { inner, text } from "./teleport_facts.ts";

/** Keys that the recorder of Tailscale adds to an asciicast's header, and no one else does. */
const OWN_KEYS = ["srcNode", "srcNodeID", "connectionID"] as const;

/**
 * What the header of a Tailscale SSH or Kubernetes recording says of its session; null where the
 * header is an ordinary one. Hostile input, as all of a recording: names are cut, never believed.
 *
 * Who: `srcNodeUser`, the login name. A tagged node has none, and its `user_kind` is `tagged-node`:
 * automation is likely, not certain. `connectionID` is no session's id, since sessions over one
 * connection share it. The node that was logged in to is not in the header.
 */
export function tailscaleFacts(header: Decoded): SessionFacts | null {
  if (!OWN_KEYS.some((key) => text(header, key) !== undefined)) return null;
  const pod = inner(header, "kubernetes");
  const user = text(header, "srcNodeUser");
  const tags = Array.isArray(header.srcNodeTags) ? header.srcNodeTags : [];
  const facts = {
    substrate: "tailscale-recording",
    kind: Object.keys(pod).length > 0 ? "kube" : "ssh",
    principal: user,
    user_kind: user === undefined && tags.length > 0 ? "tagged-node" : undefined,
    login: text(header, "localUser") ?? text(header, "sshUser"),
    target: text(pod, "PodName"),
    scope: tailnetOf(text(header, "srcNode")),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

// The rest of a node's full name is the tailnet's.
function tailnetOf(node: string | undefined): string | undefined {
  return /^[^.]+\.(.+?)\.?$/.exec(node ?? "")?.[1];
}
