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
    userId: field.id.optional(),
    username: field.login.optional(),
    keyId: field.id.optional().meta({ description: 'Of a key or a token; no secret is needed.' }),
    method: z
      .string()
      .regex(/^[A-Z]{1,16}$/, 'must be a method in capitals, for example "GET"')
      .meta({ examples: ['GET'] }),
    path: field
      .text(8192)
      .min(1, 'must not be empty')
      .regex(/^[^?#]*$/, 'must be the path alone, without a query')
      .meta({ examples: ['/orders/17'] }),
    address: field.text(64).meta({ description: 'The source address.', examples: ['203.0.113.7'] }),
    aid: z.int().nonnegative().optional().meta({ description: 'The account group of the request.' }),
    time: field.instant
      .optional()
      .meta({ description: 'Expiries are judged as of this time; now when it is left out.' }),
    api: field.apiReference.optional().meta({
      description:
        "The name or the apiId of a protected API, or `postern`; when left out, Postern's own if it has such an endpoint, else the only API that there is.",
    }),
  })
  .refine(namesOne, { path: ['userId'], message: 'give exactly one of userId, username and keyId' })
  .meta({ id: 'ExplainRequest' })
export type ExplainBody = z.infer<typeof ExplainBody>

const Step = z
  .object({ check: z.enum(decisionChecks), passed: z.boolean(), saw: z.string() })
  .meta({ id: 'DecisionStep', description: 'One check of a decision and what it looked at.' })

const reason = z.enum(denialReasons).meta({ id: 'DenialReason' })

export const Explanation = z
  .object({
    allowed: z.boolean(),
    reason: reason.nullable().meta({ description: 'Null when the request would pass.' }),
    steps: z.array(Step).meta({ description: 'Every check made, in order; the first that fails ends it.' }),
    api: z
      .string()
      .meta({ description: 'The API that it is a request to, by its name; `postern` for Postern itself.' }),
    subject: z.object({
      userId: z.string(),
      username: z.string(),
      status: field.status,
      keyId: z.string().nullable(),
      accountGroup: z.int().nullable(),
      roles: z.array(z.string()).meta({ description: 'Roles that count in this account group.' }),
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
      description: "The authorizer in front of a protected API, or Postern's own API.",
    }),
    apiId: z
      .string()
      .nullable()
      .meta({ description: 'The API that the request was for; `postern`; null when nobody registered it.' }),
    method: z.string(),
    path: z.string().meta({ description: 'Within the API.' }),
    address: z.string(),
    aid: z.int().nullable(),
    allowed: z.literal(false),
    reason,
    steps: z.array(Step),
    subject: z
      .object({
        proven: z.boolean(),
        userId: z.string().nullable(),
        username: z.string().nullable(),
        keyId: z.string().nullable(),
        actingUserId: z.string().nullable().meta({ description: 'Who acted as this user.' }),
      })
      .meta({ description: 'Who called; when `proven` is false, whom the credential claimed to be.' }),
  })
  .meta({ id: 'KeptDecision' })
export type KeptDecision = z.infer<typeof KeptDecision>

export const DecisionListQuery = z.strictObject({
  userId: field.id
    .optional()
    .meta({ description: 'Who called, whom the credential claimed to be, or who acted as another.' }),
  apiId: field.id
    .optional()
    .meta({ description: 'The API that the request was for; `postern` for Postern itself.' }),
  reason: z.enum(denialReasons).optional(),
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
    description: 'Of the denied request: `requestId` in its answer, or the header apigw-requestid.',
    examples: ['JKJaXmPLvHcESHA='],
  })

const look = { section: 'postern-access', level: 'read', scope: 'account-group' } as const
const exampleSteps: z.infer<typeof Step>[] = [
  { check: 'credential', passed: true, saw: 'key key_a1b2c3d4e54k2m9x7q1w8e5r3tz9y8x7w6v5' },
  { check: 'standing', passed: true, saw: 'user usr_4k2m9x7q1w8e5r3t in org_a1b2c3d4e5 is active' },
  { check: 'whitelist', passed: false, saw: '198.51.100.9 is in no entry of the whitelist' },
]
const exampleCaller = {
  userId: 'usr_4k2m9x7q1w8e5r3t',
  username: 'partner-42',
  keyId: 'key_a1b2c3d4e54k2m9x7q1w8e5r3tz9y8x7w6v5',
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
    summary: 'Would this request pass, and why',
    description:
      'The same decision as for a real request, with every step that it takes. Nothing is called and nobody is locked out.',
    access: look,
    request: {
      mediaType: 'application/json',
      body: ExplainBody,
      example: { username: 'partner-42', method: 'GET', path: '/orders/17', address: '198.51.100.9' },
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
    summary: 'Which requests were denied, newest first',
    description:
      'Denied requests of the last 24 hours, at protected APIs and here; in a flood of denials only some of each minute. A page can be shorter than `limit`, even empty, and still have a `nextCursor`. A denial is listed about a second after it.',
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
    summary: 'Why a request was denied',
    description:
      'Denied requests are kept for 24 hours, at protected APIs and here; in a flood of denials only some of each minute.',
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
