import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { shownInstant as instant } from '../contract/fields.ts'
import { maximumExpiryWarningDays } from '../credentials/expiry/expiry-warning.ts'
import {
  CredentialChange,
  CredentialImportBody,
  NewCredentialBody,
  PasswordChangeBody,
  RotationBody,
} from './credential-bodies.ts'
import { Credential, exampleCredential, NewCredential } from './credential-shape.ts'

const user = z.object({ userId: field.userId })
const userAndKey = z.object({ userId: field.userId, keyId: field.keyId })
/** `?days=30` */
const days = field
  .countInQuery(1, maximumExpiryWarningDays)
  .optional()
  .meta({ description: 'How many days to look ahead; default 30.' })

export const ExpiringCredential = Credential.extend({
  userId: field.userId,
  username: z.string(),
  expiresAt: instant,
}).meta({ id: 'ExpiringCredential' })
export type ExpiringCredential = z.infer<typeof ExpiringCredential>

const manage = { section: 'postern-credentials', level: 'write', scope: 'account-group' } as const
/** The response of a rotation. */
export const rotated = {
  status: 201,
  description:
    'The new credential with its `secret` or `token`, shown only once, and the expiry of the old one',
  mediaType: 'application/json',
  schema: z.object({ credential: NewCredential }),
  example: {
    credential: {
      ...exampleCredential,
      replaces: `${exampleCredential.keyId.slice(0, -4)}old1`,
      replacedExpiresAt: '2026-11-22T09:00:00.000Z',
      secret: 'pst_…',
    },
  },
} as const

const look = { section: 'postern-credentials', level: 'read', scope: 'account-group' } as const

export const credentialEndpoints = [
  {
    method: 'GET',
    path: '/v1/users/{userId}/keys',
    function: 'keys',
    operationId: 'listCredentials',
    tag: 'credentials',
    summary: 'List the keys and tokens of a user',
    access: look,
    request: { params: user },
    response: {
      status: 200,
      description: 'Without secrets, newest first; includes expired ones until they are deleted',
      mediaType: 'application/json',
      schema: z.object({ credentials: z.array(Credential) }),
      example: { credentials: [exampleCredential] },
    },
    errors: ['not_found'],
  },
  {
    method: 'POST',
    path: '/v1/users/{userId}/keys',
    function: 'keys',
    operationId: 'createCredential',
    dryRun: true,
    tag: 'credentials',
    summary: 'Create a key or a token',
    access: manage,
    request: {
      headers: field.idempotent,
      params: user,
      mediaType: 'application/json',
      body: NewCredentialBody,
      example: { name: 'production', kind: 'key' },
    },
    response: {
      status: 201,
      description: 'The credential with its `secret` or `token`, shown only once',
      mediaType: 'application/json',
      schema: z.object({ credential: NewCredential }),
      example: { credential: { ...exampleCredential, secret: 'pst_…' } },
    },
    errors: ['not_found', 'key_limit_reached', 'grant_not_held', 'guest_not_editable'],
  },
  {
    method: 'POST',
    path: '/v1/users/{userId}/keys/import',
    function: 'keys',
    operationId: 'importCredential',
    dryRun: true,
    tag: 'credentials',
    summary: 'Import a key or a token by the hash of its secret',
    description:
      'Its holder keeps using it unchanged. Import only secrets of at least 128 random bits: a guessable secret can be recovered from its SHA-256. The secret must have 8 to 512 printable ASCII characters without spaces. A text that begins with `pst_` or `key_`, or that has three parts separated by dots like a JWT, is never recognized as an imported secret.',
    access: manage,
    request: {
      headers: field.idempotent,
      params: user,
      mediaType: 'application/json',
      body: CredentialImportBody,
      example: {
        name: 'shop, from the old gateway',
        kind: 'key',
        hash: 'f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2',
        clientId: 'shop-production',
      },
    },
    response: {
      status: 201,
      description: 'The credential',
      mediaType: 'application/json',
      schema: z.object({ credential: Credential }),
      example: {
        credential: {
          ...exampleCredential,
          name: 'shop, from the old gateway',
          imported: true,
          clientId: 'shop-production',
        },
      },
    },
    errors: ['not_found', 'already_imported', 'key_limit_reached', 'grant_not_held', 'guest_not_editable'],
  },
  {
    method: 'DELETE',
    path: '/v1/users/{userId}/keys/{keyId}',
    function: 'keys',
    operationId: 'deleteCredential',
    dryRun: true,
    tag: 'credentials',
    summary: 'Revoke a key or a token',
    description: 'Sessions that it opened end, too.',
    access: manage,
    request: { params: userAndKey },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found', 'grant_not_held', 'guest_not_editable', 'last_administrator'],
  },
  {
    method: 'PATCH',
    path: '/v1/users/{userId}/keys/{keyId}',
    function: 'keys',
    operationId: 'changeCredential',
    dryRun: true,
    tag: 'credentials',
    summary: 'Change a key or a token: name, expiry, disabled or not',
    description:
      'Disabling it and an earlier `expiresAt` need the same rights as revoking; enabling it and a later `expiresAt`, or none, the same as creating. A new name needs those of revoking. Disabling and enabling end all sessions of the user. `expiresAt` cannot be changed once the credential has expired or was rotated.',
    access: manage,
    request: {
      params: userAndKey,
      mediaType: 'application/json',
      body: CredentialChange,
      example: { status: 'disabled' },
    },
    response: {
      status: 200,
      description: 'The changed credential',
      mediaType: 'application/json',
      schema: z.object({ credential: Credential }),
      example: { credential: { ...exampleCredential, status: 'disabled' } },
    },
    errors: ['not_found', 'grant_not_held', 'guest_not_editable', 'last_administrator'],
  },
  {
    method: 'POST',
    path: '/v1/users/{userId}/keys/{keyId}/rotate',
    function: 'keys',
    operationId: 'rotateCredential',
    dryRun: true,
    tag: 'credentials',
    summary: 'Rotate a key or a token',
    description: 'Creates a replacement. The old one stays valid for the overlap. The body is optional.',
    access: manage,
    request: {
      headers: field.idempotent,
      params: userAndKey,
      mediaType: 'application/json',
      body: RotationBody,
      bodyIsOptional: true,
      example: { overlapSeconds: 3600 },
    },
    response: rotated,
    errors: ['not_found', 'key_limit_reached', 'grant_not_held', 'guest_not_editable', 'last_administrator'],
  },
  {
    method: 'GET',
    path: '/v1/credentials/expiring',
    function: 'keys',
    operationId: 'listExpiringCredentials',
    tag: 'credentials',
    summary: 'List keys and tokens that expire soon',
    description:
      'Covers all users of your organization. Rotated credentials are left out; their successors are listed instead.',
    access: { section: 'postern-credentials', level: 'read' },
    request: { query: z.strictObject({ days }) },
    response: {
      status: 200,
      description: 'Up to 1000, soonest first; `more` is true if there are others',
      mediaType: 'application/json',
      schema: z.object({ credentials: z.array(ExpiringCredential), more: z.boolean() }),
      example: {
        credentials: [
          {
            userId: 'usr_4k2m9x7q1w8e5r3t',
            username: 'partner-42',
            ...exampleCredential,
            expiresAt: '2026-12-05T09:00:00.000Z',
          },
        ],
        more: false,
      },
    },
    errors: [],
  },
  {
    method: 'PUT',
    path: '/v1/users/me/password',
    function: 'change-password',
    operationId: 'changeOwnPassword',
    tag: 'credentials',
    summary: 'Change your own password',
    description: 'Ends all your sessions, including this one, so log in again. A notice is mailed to you.',
    access: 'self',
    request: {
      mediaType: 'application/json',
      body: PasswordChangeBody,
      example: {
        currentPassword: 'the old passphrase',
        newPassword: 'a new and longer passphrase',
        confirmPassword: 'a new and longer passphrase',
      },
    },
    response: { status: 204, description: 'Changed' },
    errors: [
      'current_password_wrong',
      'password_rejected',
      'guest_not_editable',
      'impersonation_refused',
      'too_many_requests',
    ],
  },
] as const satisfies readonly Endpoint[]
