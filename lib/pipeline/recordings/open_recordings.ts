import type { TeleportSourceConfig } from "../../config/config.ts";
import { folderPlace, type RecordingPlace } from "../../sources/teleport/recording_place.ts";
import { openS3Recordings } from "../../sources/teleport/recordings_s3.ts";
import type { S3Options } from "../../sources/s3.ts";

/**
 * The place of a source's recordings; null where the configuration names none. `aws` adds to what
 * the configuration says: an endpoint, credentials, a signal.
 */
export async function openRecordings(
  { recordings, events }: TeleportSourceConfig,
  aws: S3Options = {},
): Promise<RecordingPlace | null> {
  if (recordings === undefined) return null;
  const { folder, s3, requesterPays = false, oldestVersion = false } = recordings;
  if (folder !== undefined) return folderPlace(folder);
  const region = recordings.region ?? events.athena?.region;
  return await openS3Recordings(s3!, { region, requesterPays, oldestVersion, ...aws });
}
