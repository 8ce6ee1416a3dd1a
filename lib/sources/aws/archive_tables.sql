-- The fields of CloudTrail's records that are read, as read_json() takes them.
CREATE OR REPLACE MACRO aws_columns() AS {
  Records: 'STRUCT(
    eventTime VARCHAR, eventID VARCHAR, eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR,
    sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR, errorMessage VARCHAR,
    responseElements VARCHAR, recipientAccountId VARCHAR, sessionCredentialFromConsole VARCHAR,
    userIdentity STRUCT(
      "type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR,
      userName VARCHAR, invokedBy VARCHAR,
      onBehalfOf STRUCT(userId VARCHAR),
      sessionContext STRUCT(
        attributes STRUCT(mfaAuthenticated VARCHAR),
        sessionIssuer STRUCT(arn VARCHAR),
        webIdFederationData STRUCT(federatedProvider VARCHAR),
        ec2RoleDelivery VARCHAR)),
    resources STRUCT(ARN VARCHAR, "type" VARCHAR)[])[]'
};
-- Records of files that DuckDB does not read, put here one by one.
CREATE OR REPLACE MACRO archive_item(text) AS
  CASE WHEN json_valid(text) THEN json_transform(
    '{"Records":[' || text || ']}', CAST(to_json(aws_columns()) AS VARCHAR)).Records[1] END;
CREATE OR REPLACE TABLE split_items AS
  SELECT '' AS filename, archive_item('{}') AS item LIMIT 0;
