/**
 * The families of models that drive agents, as the label `agent.model` and rules spell them. Only
 * families: nothing that is measured here tells one version of a model from the next.
 */
export const AGENT_MODELS = [
  ...["claude-haiku", "claude-opus", "claude-sonnet", "deepseek", "gemini-flash"] as const,
  ...["gemini-pro", "glm", "gpt", "gpt-mini", "grok", "kimi", "llama", "mistral"] as const,
  ...["nova", "qwen", "unknown"] as const,
];

/** The values of the label `agent.model`. */
export type AgentModel = (typeof AGENT_MODELS)[number];
