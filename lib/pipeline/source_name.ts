import type { SourceConfig } from "../config/config.ts";

/** What a source is called, in messages and in `pulls`. */
export function sourceName(source: SourceConfig): string {
  switch (source.kind) {
    case "teleport": {
      const { archive, log, athena } = source.events;
      return `teleport ${archive ?? log ?? `athena ${athena?.database}.${athena?.table}`}`;
    }
    case "gcp":
      return `gcp ${source.archive ?? `bigquery ${source.bigquery?.dataset}`}`;
    case "aws":
      return `aws ${source.archive ?? `athena ${source.athena?.database}.${source.athena?.table}`}`;
    case "recordings":
      return `recordings ${source.folder}`;
  }
}
