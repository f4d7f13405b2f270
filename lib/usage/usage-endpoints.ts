import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'

const UsageCount = z
  .object({
    from: field.shownInstant.meta({ description: 'The start of the hour or day, in UTC.' }),
    userId: z.string(),
    credential: z.string().meta({
      description:
        'The keyId of a key or token; `password` for sessions that a password opened; the userId of the acting user.',
    }),
    api: z.string().meta({
      description: "The apiId of a protected API, `postern` for Postern's own, or `unknown`.",
    }),
    endpoint: z.string().meta({
      description:
        'The pattern that a section lists or that was granted; `*` for denied requests without one.',
    }),
    reason: z.string().meta({ description: '`allowed`, or the reason of the denial.' }),
    count: z.int(),
  })
  .meta({ id: 'UsageCount' })
export type UsageCount = z.infer<typeof UsageCount>

export const UsageQuery = z.strictObject({
  from: field.instant.optional().meta({
    description: 'The first hour is the one that contains this time. Default: seven days before `to`.',
  }),
  to: field.instant.optional().meta({ description: 'Hours that begin before this time. Default: now.' }),
  userId: field.userId.optional(),
  credential: field.id.optional().meta({ description: 'As in the rows.' }),
  api: field.apiIdOrPostern.optional(),
  groupBy: z.enum(['hour', 'day']).optional().meta({ description: 'Default: `day`.' }),
  limit: field
    .countInQuery(1, 1000)
    .optional()
    .meta({ description: 'Maximum number of rows; default 1000.' }),
  cursor: field.cursor,
})
export type UsageQuery = z.infer<typeof UsageQuery>

const exampleCount: UsageCount = {
  from: '2026-11-21T00:00:00.000Z',
  userId: 'usr_4k2m9x7q1w8e5r3t',
  credential: 'key_a1b2c3d4e54k2m9x7q1w8e5r3tz9y8x7w6v5',
  api: 'api_4k2m9x7q1w8e',
  endpoint: 'GET /orders/{id}',
  reason: 'allowed',
  count: 41_200,
}

export const usageEndpoints = [
  {
    method: 'GET',
    path: '/v1/usage',
    function: 'audit',
    operationId: 'listUsage',
    tag: 'audit',
    summary: 'How often each credential called which endpoint, and with what result',
    description:
      'Counts of requests with a valid credential, by hour or day, oldest first, kept for 90 days. A count appears within some ten minutes and is a minimum: what a container has not written when it ends is not counted. A page reads at most 31 days; it can be empty and still have a `nextCursor`.',
    access: { section: 'postern-audit', level: 'read' },
    request: { query: UsageQuery },
    response: {
      status: 200,
      description: 'One page; `nextCursor` is null on the last',
      mediaType: 'application/json',
      schema: z.object({ rows: z.array(UsageCount), nextCursor: z.string().nullable() }),
      example: { rows: [exampleCount], nextCursor: null },
    },
    errors: [],
  },
] as const satisfies readonly Endpoint[]
