/** Not measured yet. */
export function benchFolder(_folder: string, _options: unknown): Promise<string> {
  return Promise.resolve("");
}
