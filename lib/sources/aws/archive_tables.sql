-- The fields of CloudTrail's records that are read: the type of a file's `Records`.
CREATE OR REPLACE MACRO aws_records() AS
  'STRUCT(
    eventTime VARCHAR, eventID VARCHAR, eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR,
    sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR, errorMessage VARCHAR,
    responseElements STRUCT(credentials STRUCT(accessKeyId VARCHAR)),
    recipientAccountId VARCHAR, sessionCredentialFromConsole VARCHAR,
    userIdentity STRUCT(
      "type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR,
      userName VARCHAR, invokedBy VARCHAR,
      onBehalfOf STRUCT(userId VARCHAR),
      sessionContext STRUCT(
        attributes STRUCT(mfaAuthenticated VARCHAR),
        sessionIssuer STRUCT(arn VARCHAR),
        webIdFederationData STRUCT(federatedProvider VARCHAR))),
    resources STRUCT(ARN VARCHAR, "type" VARCHAR)[])[]';
-- The day that the name of a file says, as folders spell it; NULL where it says none.
CREATE OR REPLACE MACRO day_of_file(name) AS
  coalesce(
    nullif(regexp_extract(name, '([0-9]{4}/[0-9]{2}/[0-9]{2})/[^/]*$', 1), ''),
    nullif(regexp_replace(
      regexp_extract(name, '_([0-9]{8})T[0-9]{4}Z_[^/]*$', 1),
      '^(....)(..)(..)$', '\1/\2/\3'), ''));
-- Records of files that DuckDB does not read, put here one by one.
CREATE OR REPLACE MACRO archive_item(text) AS
  CASE WHEN json_valid(text) THEN json_transform(
    '{"Records":[' || text || ']}',
    CAST(to_json({Records: aws_records()}) AS VARCHAR)).Records[1] END;
CREATE OR REPLACE TABLE split_items AS
  SELECT '' AS filename, archive_item('{}') AS item LIMIT 0;
