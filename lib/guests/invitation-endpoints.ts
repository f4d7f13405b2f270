import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { acceptedResponse } from './membership-endpoints.ts'

export const AcceptInvitationBody = z
  .strictObject({ token: field.mailedToken })
  .meta({ id: 'InvitationAcceptance' })
export type AcceptInvitationBody = z.infer<typeof AcceptInvitationBody>

const page = { mediaType: 'text/html' } as const
const example: AcceptInvitationBody = { token: 'pst_i…' }

export const invitationEndpoints = [
  {
    method: 'POST',
    path: '/v1/invitations/accept',
    function: 'invitations',
    operationId: 'acceptInvitation',
    tag: 'users',
    summary: 'Accept an invitation with the mailed token',
    description:
      'When another organization invites a user, a link is mailed to the verified e-mail address. The token works once, until the invitation ends or the e-mail address changes. Disabling the user or setting a new password ends it, too. Without a link, accept with a credential of the user: `POST /v1/users/me/memberships/{organizationId}/accept`.',
    access: 'public',
    request: { mediaType: 'application/json', body: AcceptInvitationBody, example },
    response: acceptedResponse,
    errors: ['invitation_invalid', 'too_many_requests'],
  },
  {
    method: 'GET',
    path: '/invitations',
    function: 'invitations',
    operationId: 'showInvitationPage',
    tag: 'users',
    summary: 'Page of the link in the invitation mail',
    description: 'Opening it changes nothing, because mail scanners open links.',
    access: 'public',
    request: { query: field.linkQuery },
    response: { status: 200, description: 'An HTML form', ...page },
    errors: [],
  },
  {
    method: 'POST',
    path: '/invitations',
    function: 'invitations',
    operationId: 'submitInvitationPage',
    tag: 'users',
    summary: 'Form submission of the invitation page',
    access: 'public',
    request: { mediaType: 'application/x-www-form-urlencoded', body: AcceptInvitationBody, example },
    response: { status: 200, description: 'An HTML page with the outcome', ...page },
    errors: ['invitation_invalid', 'too_many_requests'],
  },
] as const satisfies readonly Endpoint[]
