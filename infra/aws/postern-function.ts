import { join } from 'node:path'
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, LoggingFormat, Runtime, SystemLogLevel } from 'aws-cdk-lib/aws-lambda'
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import { CfnResource, Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { functionBundle } from './function-bundle.ts'
import type { FunctionSpec } from './function-spec.ts'
import { createLogGroup, type LogSettings } from './log-group.ts'
import { projectRoot } from './project-root.ts'

type Surroundings = {
  readonly environment: Readonly<Record<string, string>>
  readonly permissions: readonly PolicyStatement[]
  readonly logs: LogSettings
  /** Concurrency reserved from the account's for this function; also its maximum. */
  readonly reservedConcurrency?: number | undefined
}

/** The template's only link from a function to its source file, which the laptop runs. */
const entryMetadataKey = 'postern:entry'

const pascalCase = (name: string): string =>
  name.replace(/(^|-)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase())

/** A Lambda function with its own log group and role; the role allows only its logs and the given permissions. */
export const createFunction = (
  scope: Construct,
  name: string,
  spec: FunctionSpec,
  { environment, permissions, logs, reservedConcurrency }: Surroundings,
): NodejsFunction => {
  const id = pascalCase(name)
  const logGroup = createLogGroup(scope, `${id}Logs`, logs)
  const writeLogs = new PolicyStatement({
    effect: Effect.ALLOW,
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  })
  // Inline, so that the permissions exist before CloudFormation creates anything that depends on the function.
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `${spec.purpose} (${name})`,
    inlinePolicies: { access: new PolicyDocument({ statements: [writeLogs, ...permissions] }) },
  })
  const lambda = new NodejsFunction(scope, id, {
    description: spec.purpose,
    entry: join(projectRoot, spec.entry),
    projectRoot,
    depsLockFilePath: join(projectRoot, 'package-lock.json'),
    handler: 'handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: spec.memoryMegabytes,
    timeout: Duration.seconds(spec.timeoutSeconds),
    ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
    environment,
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    systemLogLevelV2: SystemLogLevel[logs.lambdaLogLevel],
    bundling: functionBundle(spec),
  })
  const resource = lambda.node.defaultChild
  if (CfnResource.isCfnResource(resource)) resource.addMetadata(entryMetadataKey, spec.entry)
  return lambda
}
