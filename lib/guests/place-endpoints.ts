import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'

export const Place = z
  .object({
    organizationId: z.string(),
    organizationName: z.string(),
    status: z.enum(['home', 'guest', 'invited', 'asleep']),
    invitedUntil: z.string().nullable().meta({ description: 'Until when an invitation can be accepted.' }),
  })
  .meta({ id: 'Place', description: 'Where a user has a place, or is invited to.' })

export const examplePlace: z.infer<typeof Place> = {
  organizationId: 'org_a1b2c3d4e5',
  organizationName: 'Example Ltd',
  status: 'invited',
  invitedUntil: '2026-11-28T09:00:00.000Z',
}
const params = z.object({ organizationId: field.id })

export const placeEndpoints = [
  {
    method: 'GET',
    path: '/v1/users/me/places',
    function: 'users',
    operationId: 'listOwnPlaces',
    tag: 'users',
    summary: 'The organizations where you have a place, or are invited to',
    access: 'self',
    request: {},
    response: {
      status: 200,
      description: 'Your places',
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
    summary: 'Accept an invitation of another organization',
    description:
      'From then on you can log in there too (`organizationId` of a login). Your home organization sees that you have a place there, and nothing of what is in it.',
    access: 'self',
    request: { params },
    response: {
      status: 200,
      description: 'The place as it is now',
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
    summary: 'Leave another organization, or decline its invitation',
    access: 'self',
    request: { params },
    response: { status: 204, description: 'The place is gone' },
    errors: ['not_found', 'self_lockout', 'version_conflict'],
  },
] as const satisfies readonly Endpoint[]
