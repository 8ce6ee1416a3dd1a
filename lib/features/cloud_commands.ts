import { cliName } from "../model/cloud_command.ts";

/**
 * The words of gcloud's groups and commands that are kept, as `commands.sql` has them for the log: a
 * test holds both equal. No name and no flag is among them.
 */
const GCLOUD_WORDS = (
  "access access-approval access-context-manager activate-service-account active-directory add " +
  "add-iam-policy-binding add-metadata add-tags addresses ai-platform alerts anthos api-gateway " +
  "apigee app apply artifacts asset assured attach-disk auth backend-buckets backend-services " +
  "backups bigtable billing binaries bq buckets builder builds cancel cat certificate-manager " +
  "client-config clusters composer compute config configurations connect connections container " +
  "copy cp create create-for-image credentials dashboards databases dataflow dataproc datastore " +
  "delete deploy deployment-manager deployments describe destroy detach-disk diff disable disks " +
  "dns docker domains du enable eventarc execute export failover filestore firestore " +
  "firewall-policies firewall-rules folders forwarding-rules functions get get-credentials " +
  "get-iam-policy get-serial-port-output get-server-config get-value gke-hub hash health-checks " +
  "iam iap images import instance-groups instance-templates instances interconnects invoke jobs " +
  "keyrings keys kms list logging login logs lookup ls machine-types managed managed-zones " +
  "memcache metrics migration ml-engine monitoring move mv networks node-pools notebooks " +
  "objects operations org-policies organizations os-login packages patch policies pools " +
  "print-access-token projects publish pubsub pull purge read recommender record-sets redis " +
  "regions releases remove-iam-policy-binding remove-metadata remove-tags replace repositories " +
  "reset resize resource-manager restart resume revisions revoke rm roles routers routes rsync " +
  "run scc scheduler scp search secrets serial-port-output service-accounts services set " +
  "set-iam-policy set-machine-type set-service-account simulate-maintenance-event sinks " +
  "snapshots source spanner sql ssh ssh-keys ssl-certificates start start-iap-tunnel stop " +
  "storage submit subnets subscriptions suspend tail target-pools tasks test " +
  "test-iam-permissions topics transfer triggers undelete unmanaged update update-traffic " +
  "upgrade uptime users validate versions vpn-gateways vpn-tunnels wait workflows " +
  "workload-identity-pools workspace write zones"
).split(" ");
const AWS_SERVICES = (
  "accessanalyzer acm apigateway apigatewayv2 appconfig application-autoscaling apprunner " +
  "athena autoscaling backup batch bedrock bedrock-runtime budgets ce cloudformation cloudfront " +
  "cloudtrail cloudwatch codebuild codecommit codedeploy codepipeline cognito-identity " +
  "cognito-idp config configservice dms ds dynamodb ebs ec2 ec2-instance-connect ecr ecs efs " +
  "eks elasticache elasticbeanstalk elb elbv2 emr es events firehose glue guardduty iam " +
  "identitystore imagebuilder inspector2 iot kafka kinesis kms lakeformation lambda lightsail " +
  "logs macie2 mq mwaa opensearch organizations pipes pricing ram rds redshift resource-groups " +
  "route53 route53domains s3 s3api s3control sagemaker scheduler secretsmanager securityhub " +
  "servicecatalog servicediscovery ses sesv2 shield sns sqs ssm sso sso-admin stepfunctions sts " +
  "support transfer wafv2 workspaces xray"
).split(" ");

/** What is taken of a command line behind each program. */
export const CLOUD_COMMANDS: Readonly<Record<string, { prefix: string; words: RegExp }>> = {
  gcloud: {
    prefix: "gcloud ",
    words: new RegExp(
      `^(?:(?:alpha|beta|preview) )?((?:(?:${GCLOUD_WORDS.join("|")})(?: |$)){1,5})`,
    ),
  },
  gsutil: {
    prefix: "gsutil ",
    words: /^(?:-[a-zA-Z] )*(cat|cors|cp|du|hash|iam|label|ls|mb|mv|rb|rm|rsync|stat)(?: |$)/,
  },
  aws: {
    prefix: "",
    words: new RegExp(
      `^((?:${AWS_SERVICES.join("|")}) ` +
        "(?:(?:[a-z]{2,24}-){1,5}[a-z0-9]{2,24}|ls|cp|mv|rm|sync|mb|rb|presign|wait|publish|" +
        "invoke|deploy|subscribe|query|scan))(?: |$)",
    ),
  },
};

/** Arguments and characters of a command line that are looked at. */
const MAX_ARGUMENTS = 6;
const MAX_CHARACTERS = 256;

/**
 * What a cloud's command line was asked, as user agents say it: `gcloud.compute.instances.list`;
 * null for other programs and for what has none of the words. Nothing else of it is told.
 */
export function cloudCommand(file: string, argv: readonly string[]): string | null {
  const cloud = Object.hasOwn(CLOUD_COMMANDS, file) ? CLOUD_COMMANDS[file]! : null;
  if (cloud === null) return null;
  const text = argv.slice(0, MAX_ARGUMENTS).join(" ").slice(0, MAX_CHARACTERS);
  const found = cloud.words.exec(text)?.[1];
  return found === undefined ? null : cliName(cloud.prefix + found);
}
