import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { shownInstant as instant } from '../contract/fields.ts'
import { exampleFactor, SecondFactor } from './factor-shape.ts'
import { factorKinds } from './stored-factors.ts'
import {
  AuthenticationResponse,
  CreationOptions,
  RegistrationResponse,
  RequestOptions,
} from './webauthn-shape.ts'

const name = field.name(100).min(1, 'must not be empty')
const code = field
  .text(64)
  .min(1, 'must not be empty')
  .meta({ description: 'The six digits that an authenticator app shows, or a recovery code.' })

/** A second factor that is presented: one of the two. */
export const presentedFactor = {
  code: code.optional(),
  passkey: z
    .strictObject({ challengeId: field.ceremonyId, response: AuthenticationResponse })
    .optional()
    .meta({ description: 'The answer of a passkey to a challenge.' }),
}

export const EnrollmentBody = z
  .strictObject({ kind: z.enum(factorKinds) })
  .meta({ id: 'SecondFactorEnrollmentRequest' })

export const ConfirmationBody = z
  .strictObject({
    enrollmentId: field.ceremonyId,
    name,
    code: code.optional().meta({ description: 'For `totp`: the code that the app shows now.' }),
    passkey: RegistrationResponse.optional().meta({ description: 'For `passkey`.' }),
  })
  .meta({ id: 'SecondFactorConfirmation' })

export const Enrollment = z
  .object({
    enrollmentId: field.ceremonyId,
    expiresAt: instant,
    totp: z.object({ secret: z.string(), uri: z.string() }).optional().meta({
      description: 'For `totp`: the secret in base 32, and the otpauth URI for a QR code. Shown only once.',
    }),
    passkey: CreationOptions.optional(),
  })
  .meta({ id: 'SecondFactorEnrollment' })

export const enrolledFields = {
  secondFactor: SecondFactor,
  recoveryCodes: z.array(z.string()).optional().meta({
    description: 'Ten codes, each good for one login; with the first factor only, and shown only once.',
  }),
}

export const PasskeyChallenge = z
  .object({ challengeId: field.ceremonyId, expiresAt: instant, passkey: RequestOptions })
  .meta({ id: 'PasskeyChallenge' })

const exampleId = 'cer_a1b2c3d4e5f6g7h8i9j0'
const exampleEnd = '2026-11-22T09:10:00.000Z'
const exampleCodes = ['7Q2MK-9ZC4T-XN0BD-6VHWR-1J8PE']

const withProof = z.object({
  'postern-proof': field.text(200).optional().meta({
    description: 'From `POST /v1/users/me/second-factors/proofs`, at most ten minutes old.',
  }),
})

const list = { secondFactors: z.array(SecondFactor), recoveryCodesLeft: z.int() }
const anyOf = z.object({ userId: field.userId })
const oneOfOwn = z.object({ factorId: field.factorId })
const proofErrors = ['proof_required', 'guest_not_editable'] as const

export const factorEndpoints = [
  {
    method: 'GET',
    path: '/v1/users/me/second-factors',
    function: 'second-factors',
    operationId: 'listOwnSecondFactors',
    tag: 'second-factors',
    summary: 'Your second factors',
    description:
      'Needs no permission. `demanded` tells whether your organization opens no session for you without one.',
    access: 'self',
    request: {},
    response: {
      status: 200,
      description: 'In the order in which they were added',
      mediaType: 'application/json',
      schema: z.object({ ...list, demanded: z.boolean() }),
      example: { secondFactors: [exampleFactor], recoveryCodesLeft: 10, demanded: true },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/v1/users/me/second-factors/challenges',
    function: 'second-factors',
    operationId: 'challengeOwnPasskey',
    tag: 'second-factors',
    summary: 'Get a challenge for one of your passkeys',
    description: 'Lasts ten minutes, and is answered once.',
    access: 'self',
    request: {},
    response: {
      status: 201,
      description: 'The challenge',
      mediaType: 'application/json',
      schema: PasskeyChallenge,
      example: { challengeId: exampleId, expiresAt: exampleEnd, passkey: { challenge: 'q8f…' } },
    },
    errors: ['not_found', 'guest_not_editable'],
  },
  {
    method: 'POST',
    path: '/v1/users/me/second-factors/proofs',
    function: 'second-factors',
    operationId: 'proveIdentity',
    tag: 'second-factors',
    summary: 'Prove again that it is you, to change your second factors',
    description:
      'Takes your password and, if you have a second factor, a `code` or the answer of a `passkey`. The proof lasts ten minutes, with the session, key or token that made it.',
    access: 'self',
    request: {
      mediaType: 'application/json',
      body: z
        .strictObject({ password: field.password, ...presentedFactor })
        .meta({ id: 'IdentityProofRequest' }),
      example: { password: 'correct horse battery staple', code: '123456' },
    },
    response: {
      status: 201,
      description: 'The proof, this once',
      mediaType: 'application/json',
      schema: z.object({ proof: z.string(), expiresAt: instant }).meta({ id: 'IdentityProof' }),
      example: { proof: 'pst_proof_…', expiresAt: exampleEnd },
    },
    errors: ['current_password_wrong', 'second_factor_wrong', 'guest_not_editable', 'too_many_requests'],
  },
  {
    method: 'POST',
    path: '/v1/users/me/second-factors/enrollments',
    function: 'second-factors',
    operationId: 'beginSecondFactor',
    tag: 'second-factors',
    summary: 'Begin to add a second factor',
    description:
      'Answers the secret of an authenticator app (`totp`, RFC 6238) or the options of a `passkey` (WebAuthn). Nothing is added until it is confirmed, within ten minutes.',
    access: 'self',
    request: {
      headers: withProof,
      mediaType: 'application/json',
      body: EnrollmentBody,
      example: { kind: 'totp' },
    },
    response: {
      status: 201,
      description: 'What the app or the browser needs',
      mediaType: 'application/json',
      schema: Enrollment,
      example: {
        enrollmentId: exampleId,
        expiresAt: exampleEnd,
        totp: { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/…' },
      },
    },
    errors: [...proofErrors, 'key_limit_reached'],
  },
  {
    method: 'POST',
    path: '/v1/users/me/second-factors',
    function: 'second-factors',
    operationId: 'addSecondFactor',
    tag: 'second-factors',
    summary: 'Add a second factor: confirm an enrollment',
    description:
      'With the `code` that the app shows, or the `passkey` that the browser made. From now on, no password alone opens a session for you. A notice is mailed to you. An enrollment whose proof took the password alone adds the first second factor and no other.',
    access: 'self',
    request: {
      mediaType: 'application/json',
      body: ConfirmationBody,
      example: { enrollmentId: exampleId, name: 'Phone', code: '123456' },
    },
    response: {
      status: 201,
      description: 'The second factor, and recovery codes with the first one',
      mediaType: 'application/json',
      schema: z.object(enrolledFields).meta({ id: 'EnrolledSecondFactor' }),
      example: { secondFactor: exampleFactor, recoveryCodes: exampleCodes },
    },
    errors: ['proof_required', 'not_found', 'second_factor_wrong', 'guest_not_editable', 'key_limit_reached'],
  },
  {
    method: 'PATCH',
    path: '/v1/users/me/second-factors/{factorId}',
    function: 'second-factors',
    operationId: 'renameSecondFactor',
    dryRun: true,
    tag: 'second-factors',
    summary: 'Rename a second factor of your own',
    access: 'self',
    request: {
      params: oneOfOwn,
      mediaType: 'application/json',
      body: z.strictObject({ name }).meta({ id: 'SecondFactorChange' }),
      example: { name: 'Old laptop' },
    },
    response: {
      status: 200,
      description: 'The second factor as it is now',
      mediaType: 'application/json',
      schema: z.object({ secondFactor: SecondFactor }),
      example: { secondFactor: { ...exampleFactor, name: 'Old laptop' } },
    },
    errors: ['not_found', 'guest_not_editable'],
  },
  {
    method: 'DELETE',
    path: '/v1/users/me/second-factors/{factorId}',
    function: 'second-factors',
    operationId: 'removeSecondFactor',
    dryRun: true,
    tag: 'second-factors',
    summary: 'Remove a second factor of your own',
    description:
      'The last one stays if an organization of yours demands one; otherwise your recovery codes go with it. A notice is mailed to you.',
    access: 'self',
    request: { params: oneOfOwn, headers: withProof },
    response: { status: 204, description: 'Removed' },
    errors: [...proofErrors, 'not_found', 'second_factor_needed'],
  },
  {
    method: 'POST',
    path: '/v1/users/me/second-factors/recovery-codes',
    function: 'second-factors',
    operationId: 'makeRecoveryCodes',
    tag: 'second-factors',
    summary: 'Make new recovery codes',
    description: 'The older ones are no longer valid. A notice is mailed to you.',
    access: 'self',
    request: { headers: withProof },
    response: {
      status: 201,
      description: 'Ten codes, this once',
      mediaType: 'application/json',
      schema: z.object({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' }),
      example: { recoveryCodes: exampleCodes },
    },
    errors: [...proofErrors, 'not_found'],
  },
  {
    method: 'GET',
    path: '/v1/users/{userId}/second-factors',
    function: 'second-factors',
    operationId: 'listSecondFactors',
    tag: 'second-factors',
    summary: "A user's second factors",
    access: { section: 'postern-credentials', level: 'read', scope: 'account-group' },
    request: { params: anyOf },
    response: {
      status: 200,
      description: 'In the order in which they were added',
      mediaType: 'application/json',
      schema: z.object(list),
      example: { secondFactors: [exampleFactor], recoveryCodesLeft: 10 },
    },
    errors: ['not_found', 'guest_not_editable'],
  },
  {
    method: 'DELETE',
    path: '/v1/users/{userId}/second-factors',
    function: 'second-factors',
    operationId: 'resetSecondFactors',
    dryRun: true,
    tag: 'second-factors',
    summary: 'Take away all second factors of a user who has lost them',
    description:
      "Ends the user's sessions; its memberships in other organizations are suspended until those organizations confirm them. You must hold what the user holds. A notice is mailed to the user.",
    access: { section: 'postern-credentials', level: 'write', scope: 'account-group' },
    request: { params: anyOf },
    response: { status: 204, description: 'The user has no second factor' },
    errors: ['not_found', 'grant_not_held', 'guest_not_editable', 'self_lockout'],
  },
] as const satisfies readonly Endpoint[]
