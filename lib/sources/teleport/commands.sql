-- Commands of the sessions that have an event in the window, in order of time: one row for each
-- exec and BPF event, and for each request to a Kubernetes API: there the verb and the kind of
-- resource are the program, and a refusal is a failure. Which program it was leaves the query as a
-- number within its session, never as a name. Of a cloud's command line its groups and its command
-- leave it besides, as far as they are words of the lists below: no name and no flag is among them.
-- Addresses have rows of their own, each once a session: from where it was opened (client), and
-- with which its host made connections, as BPF saw them (host).
-- Copies of an event are dropped by uid; numbers that no process has are NULL.
-- parameters: first_day, last_day, from_time, to_time, window_first_day, window_last_day, since, until
WITH
commands AS (
  SELECT uid, session_id, event_time,
    CASE event_type
      WHEN 'exec' THEN 'exec'
      WHEN 'kube.request' THEN 'kube'
      WHEN 'session.network' THEN 'host'
      WHEN 'session.start' THEN 'client'
      ELSE 'bpf'
    END AS source,
    substr(CASE event_type
      WHEN 'session.network' THEN json_extract_scalar(event_data, '$.src_addr')
      WHEN 'session.start' THEN json_extract_scalar(event_data, '$["addr.remote"]')
    END, 1, 64) AS address,
    TRY_CAST(json_extract_scalar(event_data, '$.pid') AS integer) AS pid,
    TRY_CAST(json_extract_scalar(event_data, '$.ppid') AS integer) AS ppid,
    coalesce(
      TRY_CAST(json_extract_scalar(event_data, '$.exitCode') AS integer),
      TRY_CAST(json_extract_scalar(event_data, '$.return_code') AS integer),
      CASE WHEN json_extract_scalar(event_data, '$.exitError') <> '' THEN 1 END,
      CASE WHEN TRY_CAST(json_extract_scalar(event_data, '$.response_code') AS integer) >= 400
        THEN 1 END
    ) AS exit_code,
    substr(coalesce(
      nullif(json_extract_scalar(event_data, '$.program'), ''),
      regexp_extract(json_extract_scalar(event_data, '$.path'), '([^/]+)$', 1),
      regexp_extract(json_extract_scalar(event_data, '$.command'), '^\s*(?:\S*/)?(\S+)', 1),
      json_extract_scalar(event_data, '$.verb') || ' '
        || coalesce(json_extract_scalar(event_data, '$.resource_kind'), ''),
      ''
    ), 1, 256) AS program,
    substr(coalesce(
      nullif(regexp_extract(json_extract_scalar(event_data, '$.path'), '([^/]+)$', 1), ''),
      nullif(json_extract_scalar(event_data, '$.program'), ''),
      regexp_extract(json_extract_scalar(event_data, '$.command'), '^\s*(?:\S*/)?(\S+)', 1),
      ''
    ), 1, 16) AS file,
    substr(coalesce(
      nullif(concat_ws(' ',
        json_extract_scalar(event_data, '$.argv[0]'), json_extract_scalar(event_data, '$.argv[1]'),
        json_extract_scalar(event_data, '$.argv[2]'), json_extract_scalar(event_data, '$.argv[3]'),
        json_extract_scalar(event_data, '$.argv[4]'), json_extract_scalar(event_data, '$.argv[5]')
      ), ''),
      regexp_extract(json_extract_scalar(event_data, '$.command'), '^\s*\S+\s+(.*)$', 1),
      ''
    ), 1, 256) AS words
  FROM teleport_events
  WHERE event_date BETWEEN date(?) AND date(?)
    AND event_time >= CAST(? AS timestamp)
    AND event_time < CAST(? AS timestamp)
    AND event_type IN ('exec', 'session.command', 'kube.request', 'session.network', 'session.start')
    AND session_id IN (
      SELECT session_id
      FROM teleport_events
      WHERE event_date BETWEEN date(?) AND date(?)
        AND event_time >= CAST(? AS timestamp)
        AND event_time < CAST(? AS timestamp)
        AND session_id <> ''
        AND event_type IN (
          'session.start', 'session.end', 'session.upload', 'session.join', 'session.leave',
          'session.data', 'exec', 'scp', 'kube.request',
          'db.session.start', 'db.session.end',
          'app.session.start', 'app.session.chunk', 'app.session.end',
          'windows.desktop.session.start', 'windows.desktop.session.end',
          'linux.desktop.session.start', 'linux.desktop.session.end',
          'mcp.session.start', 'mcp.session.end'
        )
    )
    AND json_extract_scalar(event_data, '$.event') IS NOT NULL
),
copies AS (
  SELECT commands.*,
    row_number() OVER (
      PARTITION BY session_id,
        CASE
          WHEN address IS NOT NULL THEN concat_ws('/', source, address)
          WHEN uid <> '' THEN uid
          ELSE concat_ws('/', source, CAST(event_time AS varchar), CAST(pid AS varchar), program)
        END
      ORDER BY event_time
    ) AS copy
  FROM commands
)
SELECT session_id, source, address, pid, ppid, exit_code,
  CASE file
    WHEN 'gcloud' THEN 'gcloud ' || regexp_extract(
      words,
      '^(?:(?:alpha|beta|preview) )?((?:(?:'
          || 'access|access-approval|access-context-manager|activate-service-account|'
          || 'active-directory|add|add-iam-policy-binding|add-metadata|add-tags|addresses|'
          || 'ai-platform|alerts|anthos|api-gateway|apigee|app|apply|artifacts|asset|'
          || 'assured|attach-disk|auth|backend-buckets|backend-services|backups|bigtable|'
          || 'billing|binaries|bq|buckets|builder|builds|cancel|cat|certificate-manager|'
          || 'client-config|clusters|composer|compute|config|configurations|connect|'
          || 'connections|container|copy|cp|create|create-for-image|credentials|'
          || 'dashboards|databases|dataflow|dataproc|datastore|delete|deploy|'
          || 'deployment-manager|deployments|describe|destroy|detach-disk|diff|disable|'
          || 'disks|dns|docker|domains|du|enable|eventarc|execute|export|failover|'
          || 'filestore|firestore|firewall-policies|firewall-rules|folders|'
          || 'forwarding-rules|functions|get|get-credentials|get-iam-policy|'
          || 'get-serial-port-output|get-server-config|get-value|gke-hub|hash|'
          || 'health-checks|iam|iap|images|import|instance-groups|instance-templates|'
          || 'instances|interconnects|invoke|jobs|keyrings|keys|kms|list|logging|login|'
          || 'logs|lookup|ls|machine-types|managed|managed-zones|memcache|metrics|'
          || 'migration|ml-engine|monitoring|move|mv|networks|node-pools|notebooks|'
          || 'objects|operations|org-policies|organizations|os-login|packages|patch|'
          || 'policies|pools|print-access-token|projects|publish|pubsub|pull|purge|read|'
          || 'recommender|record-sets|redis|regions|releases|remove-iam-policy-binding|'
          || 'remove-metadata|remove-tags|replace|repositories|reset|resize|'
          || 'resource-manager|restart|resume|revisions|revoke|rm|roles|routers|routes|'
          || 'rsync|run|scc|scheduler|scp|search|secrets|serial-port-output|'
          || 'service-accounts|services|set|set-iam-policy|set-machine-type|'
          || 'set-service-account|simulate-maintenance-event|sinks|snapshots|source|'
          || 'spanner|sql|ssh|ssh-keys|ssl-certificates|start|start-iap-tunnel|stop|'
          || 'storage|submit|subnets|subscriptions|suspend|tail|target-pools|tasks|test|'
          || 'test-iam-permissions|topics|transfer|triggers|undelete|unmanaged|update|'
          || 'update-traffic|upgrade|uptime|users|validate|versions|vpn-gateways|'
          || 'vpn-tunnels|wait|workflows|workload-identity-pools|workspace|write|zones'
          || ')(?: |$)){1,5})',
      1
    )
    WHEN 'gsutil' THEN 'gsutil ' || regexp_extract(
      words, '^(?:-[a-zA-Z] )*(cat|cors|cp|du|hash|iam|label|ls|mb|mv|rb|rm|rsync|stat)(?: |$)', 1
    )
    WHEN 'aws' THEN regexp_extract(
      words,
      '^((?:'
          || 'accessanalyzer|acm|apigateway|apigatewayv2|appconfig|'
          || 'application-autoscaling|apprunner|athena|autoscaling|backup|batch|bedrock|'
          || 'bedrock-runtime|budgets|ce|cloudformation|cloudfront|cloudtrail|cloudwatch|'
          || 'codebuild|codecommit|codedeploy|codepipeline|cognito-identity|cognito-idp|'
          || 'config|configservice|dms|ds|dynamodb|ebs|ec2|ec2-instance-connect|ecr|ecs|'
          || 'efs|eks|elasticache|elasticbeanstalk|elb|elbv2|emr|es|events|firehose|glue|'
          || 'guardduty|iam|identitystore|imagebuilder|inspector2|iot|kafka|kinesis|kms|'
          || 'lakeformation|lambda|lightsail|logs|macie2|mq|mwaa|opensearch|organizations|'
          || 'pipes|pricing|ram|rds|redshift|resource-groups|route53|route53domains|s3|'
          || 's3api|s3control|sagemaker|scheduler|secretsmanager|securityhub|'
          || 'servicecatalog|servicediscovery|ses|sesv2|shield|sns|sqs|ssm|sso|sso-admin|'
          || 'stepfunctions|sts|support|transfer|wafv2|workspaces|xray'
          || ') (?:(?:[a-z]{2,24}-){1,5}[a-z0-9]{2,24}|ls|cp|mv|rm|sync|mb|rb|presign|wait|publish|invoke|deploy|subscribe|query|scan))(?: |$)',
      1
    )
  END AS cli,
  CAST(round(to_unixtime(event_time) * 1000) AS bigint) AS at_ms,
  dense_rank() OVER (PARTITION BY session_id ORDER BY program) AS program
FROM copies
WHERE copy = 1 AND (source NOT IN ('host', 'client') OR address <> '')
ORDER BY session_id, at_ms, source, pid, program
