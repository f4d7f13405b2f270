import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'

export const Place = z
  .object({
    organizationId: field.organizationId,
    organizationName: z.string(),
    status: z.enum(['home', 'guest', 'invited', 'asleep']),
    invitedUntil: z
      .string()
      .nullable()
      .meta({ description: 'When the invitation expires; null if it is none.' }),
  })
  .meta({ id: 'Place', description: 'A place in an organization, or an invitation to one.' })

export const examplePlace: z.infer<typeof Place> = {
  organizationId: 'org_a1b2c3d4e5',
  organizationName: 'Example Ltd',
  status: 'invited',
  invitedUntil: '2026-11-28T09:00:00.000Z',
}
const params = z.object({ organizationId: field.organizationId })

export const placeEndpoints = [
  {
    method: 'GET',
    path: '/v1/users/me/places',
    function: 'users',
    operationId: 'listOwnPlaces',
    tag: 'users',
    summary: 'List your places and invitations',
    access: 'self',
    request: {},
    response: {
      status: 200,
      description: 'The organizations that you belong to or are invited to',
      mediaType: 'application/json',
      schema: z.object({ places: z.array(Place) }),
      example: { places: [examplePlace] },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/v1/users/me/places/{organizationId}/accept',
    function: 'users',
    operationId: 'acceptPlace',
    dryRun: true,
    tag: 'users',
    summary: 'Accept an invitation',
    description:
      'You can then log in to that organization (`organizationId` of a login). Your home organization sees that you are a guest there, but not what you may do.',
    access: 'self',
    request: { params },
    response: {
      status: 200,
      description: 'The accepted place',
      mediaType: 'application/json',
      schema: z.object({ place: Place }),
      example: { place: { ...examplePlace, status: 'guest', invitedUntil: null } },
    },
    errors: ['not_found', 'version_conflict'],
  },
  {
    method: 'DELETE',
    path: '/v1/users/me/places/{organizationId}',
    function: 'users',
    operationId: 'leavePlace',
    dryRun: true,
    uncounted: true,
    tag: 'users',
    summary: 'Leave an organization, or decline its invitation',
    access: 'self',
    request: { params },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found', 'self_lockout', 'version_conflict'],
  },
] as const satisfies readonly Endpoint[]
