/** Where a pipeline says that it runs, as far as the name of its principal tells. */
export interface PipelineName {
  /** `octo/shop`; of a role's session whatever its name begins with. */
  repository: string | null;
  workflow: string | null;
}

const NOWHERE: PipelineName = { repository: null, workflow: null };
const MAX_NAME = 2048;
const SESSION = /:assumed-role\/[^/]+\/(.+)$/;
/** What the actions and runners of the large forges call a session where nobody gives it a name. */
const OF_NOBODY = /^(?:github[-_]?actions?|gitlab[-_]?(?:ci|runner)|gha|ci)(?=$|[-_.@+=,])/i;
/** Ids of runs and attempts at the end of a name. */
const RUN_IDS = /(?:[-_.@+=,](?:\d+|[0-9a-f]{40}))+$/i;

/**
 * The repository and workflow of a pipeline. Of a role's session they are what its name gives, which
 * the workflow chooses itself and which may be any text: a run's id is cut off, and what follows a
 * sign other than `-`, `_` and `.` is the workflow.
 */
export function pipelineName(principal: string): PipelineName {
  const session = SESSION.exec(principal.slice(0, MAX_NAME))?.[1];
  return session === undefined ? pipelineOfSubject(principal) : ofSession(session);
}

/**
 * The same by the subject that an identity provider signed: `repo:octo/shop:ref:…` or
 * `project_path:group/app:…`, with `workflow:` or `job_workflow_ref:` beside it.
 */
export function pipelineOfSubject(principal: string): PipelineName {
  const name = principal.slice(0, MAX_NAME);
  const repository = /(?:^|[:/])(?:repo|project_path):([^:]+)/.exec(name)?.[1] ?? null;
  if (repository === null) return NOWHERE;
  const file = /:job_workflow_ref:[^:@]*\/([^/:@]+?)(?:\.ya?ml)?(?:@|:|$)/.exec(name)?.[1];
  const workflow = file ?? /:workflow:([^:]+)/.exec(name)?.[1] ?? null;
  return { repository, workflow };
}

function ofSession(session: string): PipelineName {
  const named = session.replace(OF_NOBODY, "").replace(RUN_IDS, "").replace(/^[-_.@+=,]+/, "");
  if (!/[A-Za-z]/.test(named)) return NOWHERE;
  const [repository = "", workflow] = named.split(/[@+=,]/, 2);
  return { repository: repository || null, workflow: workflow || null };
}
