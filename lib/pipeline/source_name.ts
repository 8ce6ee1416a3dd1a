import type { SourceConfig } from "../config/config.ts";
import { scopeText } from "../sources/aws/trail_tree.ts";

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
      const place = archive === undefined
        ? `athena ${athena?.database}.${athena?.table}`
        : `archive ${archive}`;
      return `aws ${place}${scopeText(source)}`;
    }
    case "recordings":
      return `recordings ${source.folder}`;
  }
}
