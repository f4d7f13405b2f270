import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { providers } from '../whitelist/provider.ts'

const Source = z
  .object({
    userId: field.userId,
    username: z.string(),
    address: z.string(),
    network: z.string().meta({
      description:
        'The network that the address is counted to: the block that the cloud publishes, or else its /24 (IPv4) or /48 (IPv6).',
    }),
    cloud: z.enum(providers).nullable().meta({ description: 'Whose published list has the address.' }),
    whitelisted: z.boolean().nullable().meta({
      description:
        "Whether the user's whitelist lets the address in now; null for guests, whose whitelist their home organization keeps.",
    }),
    count: z.int().meta({ description: 'Requests with any of its credentials.' }),
    refused: z.int().meta({ description: 'How many of them were refused.' }),
    firstSeenAt: field.shownInstant,
    lastSeenAt: field.shownInstant,
  })
  .meta({ id: 'Source', description: 'An address from which a user called.' })
export type Source = z.infer<typeof Source>

export const SourceListQuery = z.strictObject({
  userId: field.userId.optional().meta({ description: 'Of this user only, without a cursor.' }),
  limit: field.countInQuery(1, 50).optional().meta({
    description: 'Maximum number of users on a page; default 25.',
  }),
  cursor: field.cursor,
})
export type SourceListQuery = z.infer<typeof SourceListQuery>

const exampleSource: Source = {
  userId: 'usr_4k2m9x7q1w8e5r3t',
  username: 'partner-42',
  address: '203.0.113.7',
  network: '203.0.113.0/24',
  cloud: null,
  whitelisted: true,
  count: 412,
  refused: 0,
  firstSeenAt: '2026-11-01T09:00:00.000Z',
  lastSeenAt: '2026-11-21T09:00:00.000Z',
}

export const sourceEndpoints = [
  {
    method: 'GET',
    path: '/v1/sources',
    function: 'users',
    operationId: 'listSources',
    tag: 'users',
    summary: 'The networks that users call from',
    description:
      'The recent source addresses of users, in the order of usernames, user by user: of each the latest 300. Recorded every few minutes on a best-effort basis, and kept for 90 days after the last call: for planning, not an audit. A page reads the sightings of each of its users; it can be empty and still have a `nextCursor`.',
    access: { section: 'postern-users', level: 'read', scope: 'account-group' },
    request: { query: SourceListQuery },
    response: {
      status: 200,
      description: 'One page; `nextCursor` is null on the last',
      mediaType: 'application/json',
      schema: z.object({ sources: z.array(Source), nextCursor: z.string().nullable() }),
      example: { sources: [exampleSource], nextCursor: null },
    },
    errors: ['not_found'],
  },
] as const satisfies readonly Endpoint[]
