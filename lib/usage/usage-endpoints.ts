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

/** By what requests are summed up. */
export const usageGroupings = ['user', 'credential', 'api', 'endpoint', 'reason'] as const
export type UsageGrouping = (typeof usageGroupings)[number]
const groupingPattern = `(?:${usageGroupings.join('|')})`
const by = z
  .string()
  .regex(
    new RegExp(`^${groupingPattern}(?:,${groupingPattern})*$`),
    `must be one or more of ${usageGroupings.join(', ')}, with commas between`,
  )
  .refine((text) => new Set(text.split(',')).size === text.split(',').length, 'must have each name once')
  .transform((text) => text.split(',') as UsageGrouping[])

const UsageSum = z
  .object({
    by: z.enum(usageGroupings),
    value: z
      .string()
      .nullable()
      .meta({ description: 'As in the rows; null = all values that are not among the largest.' }),
    values: z.int().meta({ description: 'For how many values the line stands.' }),
    count: z.int(),
    refused: z.int().meta({ description: 'How many of them were denied.' }),
    counts: z.array(z.int()).meta({ description: 'Of each of the `times`. Their sum is `count`.' }),
    busiestHour: z.int().nullable().meta({
      description:
        'The most requests in one hour that protected APIs allowed: those that count against the rate limit. Null for `value` null.',
    }),
  })
  .meta({ id: 'UsageSum' })
export type UsageSum = z.infer<typeof UsageSum>

const UsageSums = z
  .object({
    from: field.shownInstant.meta({ description: 'The first hour that was read.' }),
    wholeUntil: field.shownInstant.meta({
      description:
        'All hours before this time were read. A day that it cuts is summed up to it, and goes on in the next page.',
    }),
    times: z
      .array(field.shownInstant)
      .meta({ description: 'The starts of the hours or days, in UTC, also of those without requests.' }),
    busiestHour: z.int().meta({ description: 'As in the lines, of all requests.' }),
    lines: z.array(UsageSum).meta({
      description: 'For each name in `by` the largest values, and one line for all others if there are more.',
    }),
  })
  .meta({ id: 'UsageSums' })
export type UsageSums = z.infer<typeof UsageSums>

export const UsageQuery = z.strictObject({
  from: field.instant.optional().meta({
    description: 'The first hour is the one that contains this time. Default: seven days before `to`.',
  }),
  to: field.instant.optional().meta({ description: 'Hours that begin before this time. Default: now.' }),
  userId: field.userId.optional(),
  credential: field.id.optional().meta({ description: 'As in the rows.' }),
  api: field.apiIdOrPostern.optional(),
  groupBy: z.enum(['hour', 'day']).optional().meta({ description: 'Default: `day`.' }),
  by: by.optional().meta({
    description: 'Sums instead of rows, for each of these names.',
    examples: ['user,reason'],
  }),
  top: field
    .countInQuery(1, 1000)
    .optional()
    .meta({ description: 'With `by`: the number of values with a line of their own; default 100.' }),
  limit: field
    .countInQuery(1, 1000)
    .optional()
    .meta({ description: 'Maximum number of rows; default 1000. Not with `by`.' }),
  cursor: field.cursor,
})
export type UsageQuery = z.infer<typeof UsageQuery>

/** `sums` is null without `by`; with it, there are no rows. */
export type UsagePage = {
  readonly rows: UsageCount[]
  readonly sums: UsageSums | null
  readonly nextCursor: string | null
}

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
      'Counts of requests with a valid credential, by hour or day, oldest first, kept for 90 days. A count appears within some ten minutes and is a minimum: what a container has not written when it ends is not counted. A page of rows reads at most 31 days, any page fewer if they have many counts; it can be empty and still have a `nextCursor`.\n\nWith `by`, the answer has sums in place of rows: for each value of a user, credential and so on the requests of each hour or day, for the largest values and for all others together. They are of all hours from `from` to `wholeUntil`; if there is more to read, `nextCursor` leads to the sums of the hours after. Sums of two pages may be added; a value that one of them does not list is in its line for the others.',
    access: { section: 'postern-audit', level: 'read' },
    request: { query: UsageQuery },
    response: {
      status: 200,
      description: 'One page; `nextCursor` is null on the last',
      mediaType: 'application/json',
      schema: z.object({
        rows: z.array(UsageCount),
        sums: UsageSums.nullable().meta({ description: 'Null without `by`.' }),
        nextCursor: z.string().nullable(),
      }),
      example: { rows: [exampleCount], sums: null, nextCursor: null },
    },
    errors: [],
  },
] as const satisfies readonly Endpoint[]
