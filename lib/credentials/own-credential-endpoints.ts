import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { NewCredentialBody, RotationBody } from './credential-bodies.ts'
import { rotated } from './credential-endpoints.ts'
import { Credential, exampleCredential, NewCredential } from './credential-shape.ts'

/** What a caller does with keys and tokens of its own. No user id is `me`: they all begin with `usr_`. */
export const ownCredentialEndpoints = [
  {
    method: 'GET',
    path: '/v1/users/me/keys',
    function: 'keys',
    operationId: 'listOwnCredentials',
    tag: 'credentials',
    summary: 'Keys and tokens of your own, without their secrets',
    description: 'Needs no permission.',
    access: 'self',
    request: {},
    response: {
      status: 200,
      description: 'Newest first; expired ones included until they are deleted',
      mediaType: 'application/json',
      schema: z.object({ credentials: z.array(Credential) }),
      example: { credentials: [exampleCredential] },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/v1/users/me/keys',
    function: 'keys',
    operationId: 'createOwnCredential',
    dryRun: true,
    tag: 'credentials',
    summary: 'Make a key or a token of your own',
    description:
      'Needs no permission, and an organization with `selfServiceKeys` `all`. It can do what you can do. One that is made with a credential that expires ends with it at the latest.',
    access: 'self',
    request: {
      headers: field.idempotent,
      mediaType: 'application/json',
      body: NewCredentialBody,
      example: { name: 'production', kind: 'key' },
    },
    response: {
      status: 201,
      description: 'The credential with its `secret` or `token`, this once',
      mediaType: 'application/json',
      schema: z.object({ credential: NewCredential }),
      example: { credential: { ...exampleCredential, secret: 'pst_…' } },
    },
    errors: ['self_service_off', 'guest_not_editable', 'key_limit_reached'],
  },
  {
    method: 'POST',
    path: '/v1/users/me/keys/{keyId}/rotate',
    function: 'keys',
    operationId: 'rotateOwnCredential',
    dryRun: true,
    tag: 'credentials',
    summary: 'Replace a key or a token of your own; the old one lives on for an overlap',
    description:
      'Needs no permission, and an organization whose `selfServiceKeys` is not `none`. With `rotate`, the default, one that has ended or was rotated already is refused, and the new one lives at most as long as the old one was made for. Without a body, all is as by default.',
    access: 'self',
    request: {
      headers: field.idempotent,
      params: z.object({ keyId: field.keyId }),
      mediaType: 'application/json',
      body: RotationBody,
      bodyIsOptional: true,
      example: { overlapSeconds: 3600 },
    },
    response: rotated,
    errors: [
      'self_service_off',
      'guest_not_editable',
      'not_found',
      'in_use',
      'key_limit_reached',
      'last_administrator',
    ],
  },
  {
    method: 'DELETE',
    path: '/v1/users/me/keys/{keyId}',
    function: 'keys',
    operationId: 'deleteOwnCredential',
    dryRun: true,
    uncounted: true,
    tag: 'credentials',
    summary: 'Revoke a key or a token of your own',
    description: 'Needs no permission.',
    access: 'self',
    request: { params: z.object({ keyId: field.keyId }) },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found', 'last_administrator'],
  },
] as const satisfies readonly Endpoint[]
