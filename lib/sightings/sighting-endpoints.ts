import * as z from 'zod'
import { SeenAddress, SeenCall } from '../contract/call-impact.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'

export const Sightings = z
  .object({ addresses: z.array(SeenAddress), endpoints: z.array(SeenCall) })
  .meta({ id: 'Sightings', description: 'Latest first; at most 50 of each kind for a credential.' })
export type Sightings = z.infer<typeof Sightings>

const exampleTimes = { firstSeenAt: '2026-11-01T09:00:00.000Z', lastSeenAt: '2026-11-21T09:00:00.000Z' }
const keyId = 'key_a1b2c3d4e54k2m9x7q1w8e5r3tz9y8x7w6v5'
const exampleSightings: Sightings = {
  addresses: [{ credential: keyId, address: '203.0.113.7', ...exampleTimes, count: 412, refused: 0 }],
  endpoints: [
    {
      credential: keyId,
      api: 'api_4k2m9x7q1w8e',
      endpoint: 'GET /orders/{id}',
      aid: null,
      needs: null,
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
    summary: 'Recent source addresses and calls of a user',
    description:
      'Recorded every few minutes on a best-effort basis, and kept for 90 days after the last call. For planning; not an audit.',
    access: { section: 'postern-users', level: 'read', scope: 'account-group' },
    request: { params: z.object({ userId: field.userId }) },
    response: {
      status: 200,
      description: 'The recent use',
      mediaType: 'application/json',
      schema: Sightings,
      example: exampleSightings,
    },
    errors: ['not_found'],
  },
] as const satisfies readonly Endpoint[]
