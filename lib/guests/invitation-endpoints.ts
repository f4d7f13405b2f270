import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { examplePlace, Place } from './place-endpoints.ts'

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
    summary: 'Accept an invitation with the token from the mail',
    description:
      'A user with a verified e-mail address gets a link when another organization invites it. The token is good once, until the invitation ends, and no longer than the address stays as it is. Disabling the user or a new password ends it. Without a link, accept with a credential of the user: `POST /v1/users/me/places/{organizationId}/accept`.',
    access: 'public',
    request: { mediaType: 'application/json', body: AcceptInvitationBody, example },
    response: {
      status: 200,
      description: 'The place as it is now',
      mediaType: 'application/json',
      schema: z.object({ place: Place }),
      example: { place: { ...examplePlace, status: 'guest', invitedUntil: null } },
    },
    errors: ['invitation_invalid', 'too_many_requests'],
  },
  {
    method: 'GET',
    path: '/invitations',
    function: 'invitations',
    operationId: 'showInvitationPage',
    tag: 'users',
    summary: 'The page that the link in the mail about an invitation opens',
    description: 'Opening it changes nothing, since mail scanners open links.',
    access: 'public',
    request: { query: field.linkQuery },
    response: { status: 200, description: 'A form', ...page },
    errors: [],
  },
  {
    method: 'POST',
    path: '/invitations',
    function: 'invitations',
    operationId: 'submitInvitationPage',
    tag: 'users',
    summary: 'What the form of that page sends',
    access: 'public',
    request: { mediaType: 'application/x-www-form-urlencoded', body: AcceptInvitationBody, example },
    response: { status: 200, description: 'A page with the outcome', ...page },
    errors: ['invitation_invalid', 'too_many_requests'],
  },
] as const satisfies readonly Endpoint[]
