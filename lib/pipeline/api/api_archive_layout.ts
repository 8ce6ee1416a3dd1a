/** What to name as a cloud's archive: said where nothing was found in one. */
export const API_ARCHIVE_LAYOUT = {
  gcp: "name a copy of the sink's bucket, or a folder of it: " +
    "cloudaudit.googleapis.com/<stream>/YYYY/MM/DD/*.json",
  aws: "name a copy of the trail's bucket, or a folder of it: " +
    "AWSLogs/<account>/CloudTrail/<region>/YYYY/MM/DD/*.json.gz",
} as const;
