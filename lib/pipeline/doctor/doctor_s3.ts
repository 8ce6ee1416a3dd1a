import type { TeleportSourceConfig } from "../../config/config.ts";
import type { S3, S3Head, S3Location, S3Options } from "../../sources/s3.ts";
import { s3Uri } from "../../sources/s3.ts";
import { openS3Recordings, type S3Recordings } from "../../sources/teleport/recordings_s3.ts";
import { checkAccess, checkedStorage } from "./doctor_storage.ts";
import { type CheckOutcome, failed, ok, warning } from "./check.ts";
import { recordingHeader } from "../recordings/recording_header.ts";

type RecordingsConfig = NonNullable<TeleportSourceConfig["recordings"]>;

/** Credentials, region, bucket, one object's header, its encryption, versioning. */
export async function* checkRecordingsInS3(
  { s3: uri, requesterPays = false, oldestVersion = false }: RecordingsConfig,
  options: S3Options,
): AsyncGenerator<CheckOutcome> {
  using place = await openS3Recordings(uri!, { requesterPays, oldestVersion, ...options });
  const { s3 } = place;
  const access = await checkAccess(s3, "under `recordings`");
  yield* access;
  if (access.some(({ state }) => state === "failed")) return;
  let first: S3Location | null = null;
  yield await checkedStorage("bucket", async () => {
    first = await firstRecording(place);
    if (first !== null) return ok("bucket", `readable: ${s3Uri(first)}`);
    return failed(
      "bucket",
      `no <id>.tar below ${place.uri}`,
      "check the prefix: recordings lie directly below it, mostly under /sessions",
    );
  });
  if (first !== null) {
    yield await checkedStorage("recording", () => header(s3, first!));
    yield await checkedStorage("encryption", async () => encryption(await s3.head(first!)));
  }
  yield await versioning(s3, place.root.bucket, oldestVersion);
}

async function firstRecording(place: S3Recordings): Promise<S3Location | null> {
  let pages = 0;
  for await (const page of place.list()) {
    if (page[0] !== undefined) return place.locate(page[0].id);
    if (++pages === 10) return null;
  }
  return null;
}

async function header(s3: S3, at: S3Location): Promise<CheckOutcome> {
  for await (const chunk of s3.get(at)) {
    const format = recordingHeader(chunk);
    if (format === "ProtoStream V2, encrypted") {
      return warning(
        "recording",
        format,
        "encrypted recordings are read by Teleport's Auth alone; their sessions have no verdict",
      );
    }
    if (format !== null) return ok("recording", format);
    break;
  }
  return failed(
    "recording",
    "the first object is no recording of Teleport's",
    "check the bucket and the prefix",
  );
}

function encryption({ encryption, kmsKey }: S3Head): CheckOutcome {
  if (encryption === null) {
    return warning(
      "encryption",
      "S3 does not say that the object is encrypted",
      "turn on the bucket's default encryption (s3:PutEncryptionConfiguration)",
    );
  }
  return ok("encryption", kmsKey === null ? encryption : `${encryption}, key ${kmsKey}`);
}

async function versioning(s3: S3, bucket: string, wanted: boolean): Promise<CheckOutcome> {
  const finding = await checkedStorage("versioning", async () => {
    const status = await s3.versioning(bucket);
    if (status === "Enabled") return ok("versioning", status);
    const advice = "enable versioning on the bucket (s3:PutBucketVersioning), so that a " +
      "recording that is written over can still be had";
    return wanted
      ? failed("versioning", `${status}, but \`oldestVersion\` is set`, advice)
      : warning("versioning", status, advice);
  });
  // reading does without this, where the newest version will do
  return finding.state === "failed" && !wanted ? { ...finding, state: "warning" } : finding;
}
