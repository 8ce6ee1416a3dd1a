import type { SourceConfig } from "../config/config.ts";

/** What a source is called, in messages and in `pulls`. */
export function sourceName(source: SourceConfig): string {
  switch (source.kind) {
    case "teleport": {
      const { archive, log, athena } = source.events;
      return `teleport ${archive ?? log ?? `athena ${athena?.database}.${athena?.table}`}`;
    }
    case "gcp": {
      const { archive, bigquery } = source;
      return archive === undefined
        ? `gcp bigquery ${bigquery?.project}.${bigquery?.dataset}`
        : `gcp archive ${archive}`;
    }
    case "aws": {
      const { archive, athena } = source;
      return archive === undefined
        ? `aws athena ${athena?.database}.${athena?.table}`
        : `aws archive ${archive}`;
    }
    case "recordings":
      return `recordings ${source.folder}`;
  }
}
