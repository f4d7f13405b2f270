import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'

const Membership = z
  .object({
    organizationId: field.organizationId,
    organizationName: z.string(),
    status: z.enum(['home', 'guest', 'invited', 'suspended']),
    invitedUntil: z
      .string()
      .nullable()
      .meta({ description: 'When the invitation expires; null if it is none.' }),
  })
  .meta({ id: 'Membership', description: 'A membership in an organization, or an invitation to it.' })

const exampleMembership: z.infer<typeof Membership> = {
  organizationId: 'org_a1b2c3d4e5',
  organizationName: 'Example Ltd',
  status: 'invited',
  invitedUntil: '2026-11-28T09:00:00.000Z',
}
/** Of both ways to accept an invitation: with a credential, and with the mailed token. */
export const acceptedResponse = {
  status: 200,
  description: 'The accepted membership',
  mediaType: 'application/json',
  schema: z.object({ membership: Membership }),
  example: { membership: { ...exampleMembership, status: 'guest', invitedUntil: null } },
} as const
const params = z.object({ organizationId: field.organizationId })

export const membershipEndpoints = [
  {
    method: 'GET',
    path: '/v1/users/me/memberships',
    function: 'users',
    operationId: 'listOwnMemberships',
    tag: 'users',
    summary: 'List your memberships and invitations',
    access: 'self',
    request: {},
    response: {
      status: 200,
      description: 'The organizations that you belong to or are invited to',
      mediaType: 'application/json',
      schema: z.object({ memberships: z.array(Membership) }),
      example: { memberships: [exampleMembership] },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/v1/users/me/memberships/{organizationId}/accept',
    function: 'users',
    operationId: 'acceptOwnInvitation',
    dryRun: true,
    tag: 'users',
    summary: 'Accept an invitation',
    description:
      'You can then log in to that organization (`organizationId` of a login). Your home organization sees that you are a guest there, but not what you may do.',
    access: 'self',
    request: { params },
    response: acceptedResponse,
    errors: ['not_found', 'version_conflict'],
  },
  {
    method: 'DELETE',
    path: '/v1/users/me/memberships/{organizationId}',
    function: 'users',
    operationId: 'leaveOrganization',
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
