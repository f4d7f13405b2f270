import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { shownInstant as instant } from '../contract/fields.ts'
import { decisionChecks, denialReasons } from '../decision/decide.ts'
import { requestIdPattern } from '../refusals/kept-decision.ts'

const namesOne = (named: Readonly<Record<string, unknown>>): boolean =>
  ['userId', 'username', 'keyId'].filter((name) => named[name] !== undefined).length === 1

export const ExplainBody = z
  .strictObject({
    userId: field.userId.optional(),
    username: field.login.optional(),
    keyId: field.keyId
      .optional()
      .meta({ description: 'The keyId of a key or a token; no secret is needed.' }),
    method: z
      .string()
      .regex(/^[A-Z]{1,16}$/, 'must be a method in upper case, for example "GET"')
      .meta({ examples: ['GET'] }),
    path: field
      .text(8192)
      .min(1, 'must not be empty')
      .regex(/^[^?#]*$/, 'must be a path without a query')
      .meta({ examples: ['/orders/17'] }),
    address: field.text(64).meta({ description: 'The source address.', examples: ['203.0.113.7'] }),
    aid: z.int().nonnegative().optional().meta({ description: 'The account group of the request.' }),
    time: field.instant
      .optional()
      .meta({ description: 'Expiries are evaluated at this time. Default: now.' }),
    api: field.apiReference.optional().meta({
      description:
        'The name or the apiId of a protected API, or `postern`. Default: `postern` if it has such an endpoint, otherwise the only API of the organization.',
    }),
  })
  .refine(namesOne, {
    path: ['userId'],
    message: 'must be given, or username, or keyId, but only one of them',
  })
  .meta({ id: 'ExplainRequest' })
export type ExplainBody = z.infer<typeof ExplainBody>

const Step = z
  .object({ check: z.enum(decisionChecks), passed: z.boolean(), saw: z.string() })
  .meta({ id: 'DecisionStep', description: 'One check of a decision and the values that it saw.' })

const reason = z.enum(denialReasons).meta({ id: 'DenialReason' })

export const Explanation = z
  .object({
    allowed: z.boolean(),
    reason: reason.nullable().meta({ description: 'Null when the request would pass.' }),
    steps: z
      .array(Step)
      .meta({ description: 'The checks made, in order. The first failed check ends the decision.' }),
    api: z.string().meta({ description: 'The name of the API; `postern` for Postern itself.' }),
    subject: z.object({
      userId: field.userId,
      username: z.string(),
      status: field.status,
      keyId: field.keyId.nullable(),
      accountGroup: z.int().nullable(),
      roles: z.array(z.string()).meta({ description: 'Roles that apply in this account group.' }),
      integrationVendor: z.string().nullable(),
    }),
  })
  .meta({ id: 'Explanation' })
export type Explanation = z.infer<typeof Explanation>

export const KeptDecision = z
  .object({
    requestId: z.string(),
    at: instant,
    decidedBy: z.enum(['authorizer', 'postern']).meta({
      description: "Where it was denied: at the authorizer of a protected API, or at Postern's own API.",
    }),
    apiId: field.apiIdOrPostern.nullable().meta({
      description:
        'The API of the request; `postern` for Postern itself; null if no API is registered there.',
    }),
    method: z.string(),
    path: z.string().meta({ description: 'The path within the API.' }),
    address: z.string(),
    aid: z.int().nullable(),
    allowed: z.literal(false),
    reason,
    steps: z.array(Step),
    subject: z
      .object({
        proven: z.boolean(),
        userId: field.userId.nullable(),
        username: z.string().nullable(),
        keyId: field.keyId.nullable(),
        actingUserId: field.userId.nullable().meta({ description: 'The user who acted as this user.' }),
      })
      .meta({ description: 'The caller. If `proven` is false, the user that the credential claimed to be.' }),
  })
  .meta({ id: 'KeptDecision' })
export type KeptDecision = z.infer<typeof KeptDecision>

export const DecisionListQuery = z.strictObject({
  userId: field.userId.optional().meta({
    description: 'The caller, the user that the credential claimed to be, or the user who acted as another.',
  }),
  apiId: field.apiIdOrPostern
    .optional()
    .meta({ description: 'The API of the request; `postern` for Postern itself.' }),
  reason: z.enum(denialReasons).optional(),
  proven: z.enum(['true', 'false']).optional().meta({
    description:
      '`true`: only callers who proved who they are; `false`: only the others. Applied to the denials that the list reads.',
  }),
  from: field.instant.optional().meta({ description: 'At or after this time.' }),
  to: field.instant.optional().meta({ description: 'Before this time.' }),
  limit: field.limit,
  cursor: field.cursor,
})
export type DecisionListQuery = z.infer<typeof DecisionListQuery>

const requestId = z
  .string()
  .regex(requestIdPattern, 'is not a request id')
  .meta({
    description: 'The id of the denied request: `requestId` in its response, or the header apigw-requestid.',
    examples: ['JKJaXmPLvHcESHA='],
  })

const look = { section: 'postern-access', level: 'read', scope: 'account-group' } as const
const exampleSteps: z.infer<typeof Step>[] = [
  { check: 'credential', passed: true, saw: 'key key_a1b2c3d4e54k2m9x7q1w8e5r3tz9y8x7w6v5' },
  { check: 'standing', passed: true, saw: 'user usr_4k2m9x7q1w8e5r3t in org_a1b2c3d4e5 is active' },
  { check: 'whitelist', passed: false, saw: '198.51.100.9 is in no entry of the whitelist' },
]
const exampleCaller = {
  userId: 'usr_4k2m9x7q1w8e5r3t' as const,
  username: 'partner-42',
  keyId: 'key_a1b2c3d4e54k2m9x7q1w8e5r3tz9y8x7w6v5' as const,
}

const exampleDecision: KeptDecision = {
  requestId: 'JKJaXmPLvHcESHA=',
  at: '2026-11-21T09:00:00.000Z',
  decidedBy: 'authorizer',
  apiId: 'api_4k2m9x7q1w8e',
  method: 'GET',
  path: '/orders/17',
  address: '198.51.100.9',
  aid: null,
  allowed: false,
  reason: 'whitelist_no_match',
  steps: exampleSteps,
  subject: { proven: true, ...exampleCaller, actingUserId: null },
}

export const explainEndpoints = [
  {
    method: 'POST',
    path: '/v1/access/explain',
    function: 'explain',
    operationId: 'explainAccess',
    tag: 'access',
    summary: 'Explain whether a request would pass',
    description:
      'Makes the same decision as for a real request and shows every step. It calls nothing and counts against no limit.',
    access: look,
    request: {
      mediaType: 'application/json',
      body: ExplainBody,
      example: {
        username: 'partner-42',
        api: 'shop',
        method: 'GET',
        path: '/orders/17',
        address: '198.51.100.9',
      },
    },
    response: {
      status: 200,
      description: 'The decision',
      mediaType: 'application/json',
      schema: Explanation,
      example: {
        allowed: false,
        reason: 'whitelist_no_match',
        steps: exampleSteps,
        api: 'shop',
        subject: {
          ...exampleCaller,
          status: 'active',
          accountGroup: null,
          roles: ['User'],
          integrationVendor: null,
        },
      },
    },
    errors: ['not_found'],
  },
  {
    method: 'GET',
    path: '/v1/access/decisions',
    function: 'explain',
    operationId: 'listDecisions',
    tag: 'access',
    summary: 'List denied requests',
    description:
      "Denied requests of the last 24 hours, at protected APIs and at Postern's own API, newest first. Under many denials, only some of each minute are kept. A page can be shorter than `limit`, even empty, and still have a `nextCursor`. A denial is listed after about a second.",
    access: look,
    request: { query: DecisionListQuery },
    response: {
      status: 200,
      description: 'One page; `nextCursor` is null on the last',
      mediaType: 'application/json',
      schema: z.object({ decisions: z.array(KeptDecision), nextCursor: z.string().nullable() }),
      example: { decisions: [exampleDecision], nextCursor: null },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/v1/access/decisions/{requestId}',
    function: 'explain',
    operationId: 'getDecision',
    tag: 'access',
    summary: 'Get a denied request',
    description:
      "Denied requests are kept for 24 hours, at protected APIs and at Postern's own API. Under many denials, only some of each minute are kept.",
    access: look,
    request: { params: z.object({ requestId }) },
    response: {
      status: 200,
      description: 'The decision as it was made',
      mediaType: 'application/json',
      schema: KeptDecision,
      example: exampleDecision,
    },
    errors: ['not_found'],
  },
] as const satisfies readonly Endpoint[]
