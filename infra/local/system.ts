import { basename, extname } from 'node:path'
import * as z from 'zod'
import { type References, resolveIntrinsics } from './intrinsics.ts'
import { tableProperties } from './table-properties.ts'
import { type Resource, resourcesOf, type Template } from './template.ts'

const functionProperties = z.object({
  Handler: z.string().default('index.handler'),
  MemorySize: z.coerce.number().default(128),
  Timeout: z.coerce.number().default(3),
  Environment: z
    .object({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
    .default({ Variables: {} }),
})

const routeProperties = z.object({
  RouteKey: z.string(),
  Target: z.string(),
  AuthorizationType: z.enum(['NONE', 'CUSTOM']).default('NONE'),
  AuthorizerId: z.string().optional(),
})

const integrationProperties = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
  TimeoutInMillis: z.coerce.number().default(30_000),
})

const authorizerProperties = z.object({
  AuthorizerType: z.literal('REQUEST'),
  AuthorizerUri: z.string(),
  AuthorizerPayloadFormatVersion: z.literal('2.0'),
  EnableSimpleResponses: z.literal(true),
  AuthorizerResultTtlInSeconds: z.coerce.number().default(0),
  IdentitySource: z.array(z.string()).default([]),
})

const corsProperties = z
  .object({
    AllowOrigins: z.array(z.string()).default([]),
    AllowMethods: z.array(z.string()).default([]),
    AllowHeaders: z.array(z.string()).default([]),
    ExposeHeaders: z.array(z.string()).default([]),
    AllowCredentials: z.boolean().default(false),
    MaxAge: z.number().optional(),
  })
  .optional()

const streamProperties = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.coerce.number().default(100),
  StartingPosition: z.enum(['LATEST', 'TRIM_HORIZON']),
  FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }).default({ Filters: [] }),
  BisectBatchOnFunctionError: z.boolean().default(false),
  FunctionResponseTypes: z.array(z.string()).default([]),
  /** -1 = unlimited, AWS's default. */
  MaximumRetryAttempts: z.coerce.number().default(-1),
  MaximumRecordAgeInSeconds: z.coerce.number().default(-1),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }) }).optional(),
})

const scheduleProperties = z.object({
  ScheduleExpression: z.string(),
  Target: z.object({ Arn: z.string(), Input: z.string().default('{}') }),
})

export type FunctionDefinition = {
  readonly logicalId: string
  /** The entry's file name: `create-user`. */
  readonly name: string
  readonly entry: string
  readonly exportName: string
  readonly memoryMegabytes: number
  readonly timeoutSeconds: number
  readonly environment: Readonly<Record<string, string>>
}

export type RouteDefinition = {
  readonly routeKey: string
  readonly functionId: string
  readonly authorizerId: string | undefined
  readonly timeoutMilliseconds: number
}

export type AuthorizerDefinition = {
  readonly logicalId: string
  readonly functionId: string
  readonly identitySources: readonly string[]
  readonly resultLifetimeSeconds: number
}

export type StreamDefinition = z.infer<typeof streamProperties> & {
  readonly logicalId: string
  readonly functionId: string
  readonly tableId: string
}

export type ScheduleDefinition = {
  readonly logicalId: string
  readonly functionId: string
  /** `rate(1 hour)` */
  readonly expression: string
  readonly event: unknown
}

export type CorsDefinition = NonNullable<z.infer<typeof corsProperties>>

/** The key in the Metadata of a function's resource for its source file, relative to the project. */
const entryMetadataKey = 'postern:entry'

/** Excludes the CDK's own functions (log retention, custom resources), which have no entry. */
const ownFunctionsOf = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::Function')
    .filter(([, { Metadata }]) => entryMetadataKey in Metadata)
    .map(([logicalId, resource]) => ({
      logicalId,
      resource,
      entry: z.string().parse(resource.Metadata[entryMetadataKey]),
    }))

/** The source files of a template's functions. */
export const entriesOf = (template: Template): string[] => ownFunctionsOf(template).map(({ entry }) => entry)

/** The functions of a template, with environments resolved to local values. */
export function functionsOf(template: Template, references: References): FunctionDefinition[] {
  return ownFunctionsOf(template).map(({ logicalId, resource, entry }) => {
    const { Handler, MemorySize, Timeout, Environment } = resource.Properties
    const properties = functionProperties.parse(
      resolveIntrinsics({ Handler, MemorySize, Timeout, Environment }, references),
    )
    return {
      logicalId,
      name: basename(entry, extname(entry)),
      entry,
      exportName: properties.Handler.split('.').at(-1) ?? 'handler',
      memoryMegabytes: properties.MemorySize,
      timeoutSeconds: properties.Timeout,
      environment: properties.Environment.Variables,
    }
  })
}

/** The routes of the HTTP API. */
export function routesOf(template: Template, references: References): RouteDefinition[] {
  const integrations = new Map(
    resourcesOf(template, 'AWS::ApiGatewayV2::Integration').map(([logicalId, resource]) => [
      `integrations/${logicalId}`,
      read(resource, integrationProperties, references),
    ]),
  )
  return resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([logicalId, resource]) => {
    const route = read(resource, routeProperties, references)
    const integration = integrations.get(route.Target)
    if (integration === undefined) throw new Error(`${logicalId} leads to no integration`)
    return {
      routeKey: route.RouteKey,
      functionId: functionIdIn(integration.IntegrationUri),
      authorizerId: route.AuthorizationType === 'CUSTOM' ? route.AuthorizerId : undefined,
      timeoutMilliseconds: integration.TimeoutInMillis,
    }
  })
}

export function authorizersOf(template: Template, references: References): AuthorizerDefinition[] {
  return resourcesOf(template, 'AWS::ApiGatewayV2::Authorizer').map(([logicalId, resource]) => {
    const authorizer = read(resource, authorizerProperties, references)
    return {
      logicalId,
      functionId: functionIdIn(authorizer.AuthorizerUri),
      identitySources: authorizer.IdentitySource,
      resultLifetimeSeconds: authorizer.AuthorizerResultTtlInSeconds,
    }
  })
}

export function streamsOf(template: Template, references: References): StreamDefinition[] {
  return resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(([logicalId, resource]) => {
    const mapping = read(resource, streamProperties, references)
    const tableId = /:table\/([^/]+)\/stream\//.exec(mapping.EventSourceArn)?.[1]
    if (tableId === undefined) throw new Error(`${logicalId} reads from no DynamoDB stream`)
    // FunctionName is a name or an ARN.
    const functionId = mapping.FunctionName.split(':').at(-1) ?? ''
    return { ...mapping, logicalId, functionId, tableId }
  })
}

export function schedulesOf(template: Template, references: References): ScheduleDefinition[] {
  return resourcesOf(template, 'AWS::Scheduler::Schedule').map(([logicalId, resource]) => {
    const { ScheduleExpression, Target } = read(resource, scheduleProperties, references)
    const functionId = functionIdIn(Target.Arn)
    return { logicalId, functionId, expression: ScheduleExpression, event: JSON.parse(Target.Input) }
  })
}

export const tablesOf = (template: Template, references: References) =>
  resourcesOf(template, 'AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map(
    ([logicalId, resource]) => ({
      logicalId,
      properties: read(resource, tableProperties, references),
    }),
  )

/** The logical ids of the KMS keys that sign, and of those that encrypt. */
export const keyIdsOf = (template: Template): { readonly signing: string[]; readonly sealing: string[] } => {
  const all = resourcesOf(template, 'AWS::KMS::Key')
  const idsOf = (signs: boolean): string[] =>
    all
      .filter(([, { Properties }]) => (Properties['KeyUsage'] === 'SIGN_VERIFY') === signs)
      .map(([logicalId]) => logicalId)
  return { signing: idsOf(true), sealing: idsOf(false) }
}

export function corsOf(template: Template, references: References): CorsDefinition | undefined {
  const [api] = resourcesOf(template, 'AWS::ApiGatewayV2::Api')
  return corsProperties.parse(resolveIntrinsics(api?.[1].Properties['CorsConfiguration'], references))
}

function read<Schema extends z.ZodType>(
  resource: Resource,
  schema: Schema,
  references: References,
): z.output<Schema> {
  return schema.parse(resolveIntrinsics(resource.Properties, references))
}

/** Extracts the id from a function's ARN, bare or inside an authorizer's invocation URI. */
function functionIdIn(uri: string): string {
  const logicalId = /:function:([A-Za-z0-9]+)/.exec(uri)?.[1]
  if (logicalId === undefined) throw new Error(`${uri} names no function`)
  return logicalId
}
