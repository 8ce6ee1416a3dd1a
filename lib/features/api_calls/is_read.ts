/**
 * Words that methods which only read begin with. Both clouds name methods by verbs: GCP in either
 * case behind the last dot (`v1.compute.instances.aggregatedList`, `….ListRoles`), AWS at the begin.
 */
const READ_VERB =
  /^(?:aggregatedList|batchDescribe|batchGet|bulkGet|check|count|describe|discover|download|estimate|export|fetch|filter|get|head|is|list|lookup|poll|preview|query|read|report|resolve|retrieve|scan|search|select|show|simulate|test|validate|verify|view|watch)(?![a-z])/;
const MAX_METHOD = 256;

/** Whether a method (`service/method`) only reads, by its verb. */
export function isRead(method: string): boolean {
  const name = method.slice(method.indexOf("/") + 1).slice(0, MAX_METHOD);
  const verb = name.slice(name.lastIndexOf(".") + 1);
  return READ_VERB.test(verb.slice(0, 1).toLowerCase() + verb.slice(1));
}
