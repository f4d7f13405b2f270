import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'

const user = z.object({ userId: field.userId })

const WhitelistBody = z
  .strictObject({ entries: field.whitelist, version: field.version.optional() })
  .meta({ id: 'WhitelistChange' })

const WhitelistCheckBody = z
  .strictObject({
    userId: field.userId.optional(),
    username: field.login.optional(),
    address: field.text(200),
  })
  .refine((body) => (body.userId === undefined) !== (body.username === undefined), {
    path: ['userId'],
    message: 'name the user either by userId or by username',
  })
  .meta({ id: 'WhitelistCheck' })

const look = { section: 'postern-whitelist', level: 'read', scope: 'account-group' } as const
const manage = { section: 'postern-whitelist', level: 'write', scope: 'account-group' } as const

const Whitelist = z
  .object({
    entries: z.array(z.string()),
    warnings: z.array(z.string()),
    version: z.int().meta({ description: 'The version of the user.' }),
  })
  .meta({ id: 'Whitelist' })

export const whitelistEndpoints = [
  {
    method: 'GET',
    path: '/v1/users/{userId}/whitelist',
    function: 'whitelist',
    operationId: 'getWhitelist',
    tag: 'whitelist',
    summary: 'The addresses that a user may call from',
    access: look,
    request: { params: user },
    response: {
      status: 200,
      description: 'Empty = any address, unless the organization demands a whitelist',
      mediaType: 'application/json',
      schema: Whitelist,
      example: { entries: ['203.0.113.7', '2001:db8::/32'], warnings: [], version: 2 },
    },
    errors: ['not_found', 'guest_not_editable'],
  },
  {
    method: 'PUT',
    path: '/v1/users/{userId}/whitelist',
    function: 'whitelist',
    operationId: 'replaceWhitelist',
    dryRun: true,
    tag: 'whitelist',
    summary: 'Replace the whitelist of a user',
    description:
      'A list that would shut out the very request that saves it is refused with 409. With `dryRun=true` nothing is saved, and the answer says which recently seen addresses the list would refuse.',
    access: manage,
    request: {
      params: user,
      mediaType: 'application/json',
      body: WhitelistBody,
      example: { entries: ['203.0.113.7', '2001:db8::/32'] },
    },
    response: {
      status: 200,
      description: 'The entries in canonical form',
      mediaType: 'application/json',
      schema: Whitelist,
      example: { entries: ['203.0.113.7', '2001:db8::/32'], warnings: [], version: 2 },
    },
    errors: ['not_found', 'version_conflict', 'guest_not_editable', 'self_lockout'],
  },
  {
    method: 'POST',
    path: '/v1/whitelist/check',
    function: 'check-whitelist',
    operationId: 'checkWhitelist',
    tag: 'whitelist',
    summary: 'May this user call from this address?',
    access: look,
    request: {
      mediaType: 'application/json',
      body: WhitelistCheckBody,
      example: { username: 'partner-42', address: '203.0.113.7' },
    },
    response: {
      status: 200,
      description: 'The answer, with the entry that matched and the reason in words',
      mediaType: 'application/json',
      schema: z
        .object({ allowed: z.boolean(), entry: z.string().nullable(), reason: z.string() })
        .meta({ id: 'WhitelistVerdict' }),
      example: { allowed: true, entry: '203.0.113.7', reason: 'matched' },
    },
    errors: ['not_found'],
  },
] as const satisfies readonly Endpoint[]
