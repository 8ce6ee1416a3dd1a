/**
 * What Teleport says of a session beside its row, where it says it: keys as in its JSON. Text of
 * the outside, cut and not checked. What is absent was not said, which is not the same as "no".
 */
export interface TeleportFacts {
  /** The bot of Machine ID that acted. */
  bot_name?: string;
  /** Who acted as the user. */
  impersonator?: string;
  /** The user's device was one that the cluster trusts. */
  trusted_device?: true;
  /** How many approved access requests the user's certificate carried. */
  access_requests?: number;
  /** Whether Teleport's own summary of the session was made; false: it failed. Never its text. */
  summarized?: boolean;
  /** Labels of what the session went to: a server, cluster, database, application or desktop. */
  target_labels?: Readonly<Record<string, string>>;
}
