import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'
import * as field from './fields.ts'
import { instant } from './shapes.ts'

const seen = {
  firstSeenAt: instant,
  lastSeenAt: instant,
  count: z.int(),
}
const credential = z.string().meta({
  description:
    'The keyId of a key or token; `password` for sessions that a password opened; the userId of whoever acted as the user.',
})

export const SeenAddress = z
  .object({
    credential,
    address: z.string(),
    ...seen,
    refused: z.int().meta({ description: 'How many of them were refused, for whatever reason.' }),
  })
  .meta({ id: 'SeenAddress' })
export type SeenAddress = z.infer<typeof SeenAddress>

export const SeenCall = z
  .object({
    credential,
    api: z.string().meta({ description: "The apiId of a protected API, or `postern` for Postern's own." }),
    endpoint: z.string(),
    aid: z.int().nullable(),
    ...seen,
  })
  .meta({ id: 'SeenCall', description: 'Calls that were let through, ids taken out of their paths.' })
export type SeenCall = z.infer<typeof SeenCall>

export const Sightings = z
  .object({ addresses: z.array(SeenAddress), endpoints: z.array(SeenCall) })
  .meta({ id: 'Sightings', description: 'Latest first; at most 50 of each kind for a credential.' })
export type Sightings = z.infer<typeof Sightings>

const exampleTimes = { firstSeenAt: '2026-11-01T09:00:00.000Z', lastSeenAt: '2026-11-21T09:00:00.000Z' }
const keyId = 'key_a1b2c3d4e54k2m9x7q1w8e5r3tz9y8x7w6v5'
export const exampleSightings: Sightings = {
  addresses: [{ credential: keyId, address: '203.0.113.7', ...exampleTimes, count: 412, refused: 0 }],
  endpoints: [
    {
      credential: keyId,
      api: 'api_4k2m9x7q1w8e',
      endpoint: 'GET /orders/{id}',
      aid: null,
      ...exampleTimes,
      count: 400,
    },
  ],
}

export const sightingEndpoints = [
  {
    method: 'GET',
    path: '/v1/users/{userId}/sightings',
    function: 'users',
    operationId: 'getSightings',
    tag: 'users',
    summary: 'Where a user called from of late, and what',
    description:
      'Written down every few minutes and kept for 90 days after the last call. Good for planning; not an audit.',
    access: { section: 'postern-users', level: 'read', scope: 'account-group' },
    request: { params: z.object({ userId: field.id }) },
    response: {
      status: 200,
      description: 'What was seen',
      mediaType: 'application/json',
      schema: Sightings,
      example: exampleSightings,
    },
    errors: ['not_found'],
  },
] as const satisfies readonly Endpoint[]
