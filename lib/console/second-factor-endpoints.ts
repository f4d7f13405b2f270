import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import {
  ConfirmationBody,
  Enrollment,
  EnrollmentBody,
  enrolledFields,
  PasskeyChallenge,
  presentedFactor,
} from '../factors/factor-endpoints.ts'
import { exampleFactor } from '../factors/factor-shape.ts'
import { browser, exampleEnds, SignedIn } from './console-endpoints.ts'

const exampleChallenge = { passkey: { challenge: 'q8f…' } }
const exampleCeremony = 'cer_a1b2c3d4e5f6g7h8i9j0'
const expiresAt = '2026-11-22T08:10:00.000Z'
const signInErrors = ['access_denied', 'invalid_credentials', 'too_many_requests'] as const

/** What a session that waits for a second factor can do, by its cookie. */
export const signInFactorEndpoints = [
  {
    method: 'POST',
    path: '/v1/console/session/second-factor',
    function: 'console',
    operationId: 'completeSignIn',
    tag: 'console',
    summary: 'Complete the sign-in with a second factor',
    description:
      'For a session in the state `second-factor`. A wrong one counts like a wrong password. The session gets a new cookie.',
    access: 'public',
    cookie: 'needs',
    request: {
      headers: browser,
      mediaType: 'application/json',
      body: z.strictObject(presentedFactor).meta({ id: 'SecondFactorPresented' }),
      example: { code: '123456' },
    },
    response: {
      status: 200,
      description: 'The session',
      mediaType: 'application/json',
      schema: SignedIn,
      example: { state: 'signed-in', ...exampleEnds },
    },
    errors: [...signInErrors, 'second_factor_required'],
  },
  {
    method: 'POST',
    path: '/v1/console/session/second-factor/challenges',
    function: 'console',
    operationId: 'challengeAtSignIn',
    tag: 'console',
    summary: 'Get a challenge for a passkey, to complete the sign-in',
    access: 'public',
    cookie: 'needs',
    request: {},
    response: {
      status: 201,
      description: 'The challenge',
      mediaType: 'application/json',
      schema: PasskeyChallenge,
      example: { challengeId: exampleCeremony, expiresAt, ...exampleChallenge },
    },
    errors: [...signInErrors, 'not_found'],
  },
  {
    method: 'POST',
    path: '/v1/console/session/second-factor/enrollments',
    function: 'console',
    operationId: 'beginSecondFactorAtSignIn',
    tag: 'console',
    summary: 'Begin to add the second factor that the organization demands',
    description: 'For a session in the state `enroll-second-factor`.',
    access: 'public',
    cookie: 'needs',
    request: { mediaType: 'application/json', body: EnrollmentBody, example: { kind: 'passkey' } },
    response: {
      status: 201,
      description: 'What the app or the browser needs',
      mediaType: 'application/json',
      schema: Enrollment,
      example: { enrollmentId: exampleCeremony, expiresAt, ...exampleChallenge },
    },
    errors: [...signInErrors, 'key_limit_reached'],
  },
  {
    method: 'POST',
    path: '/v1/console/session/second-factor/enrollments/confirm',
    function: 'console',
    operationId: 'addSecondFactorAtSignIn',
    tag: 'console',
    summary: 'Add the second factor that the organization demands, and complete the sign-in',
    description:
      'With the `code` that the app shows, or the `passkey` that the browser made. A notice is mailed to the user. The session gets a new cookie.',
    access: 'public',
    cookie: 'needs',
    request: {
      headers: browser,
      mediaType: 'application/json',
      body: ConfirmationBody,
      example: { enrollmentId: exampleCeremony, name: 'Phone', code: '123456' },
    },
    response: {
      status: 201,
      description: 'The session, the second factor and the recovery codes, which are shown only once',
      mediaType: 'application/json',
      schema: SignedIn.extend(enrolledFields).meta({ id: 'SignedInWithFactor' }),
      example: {
        state: 'signed-in',
        ...exampleEnds,
        secondFactor: exampleFactor,
        recoveryCodes: ['7Q2MK-…'],
      },
    },
    errors: [...signInErrors, 'not_found', 'second_factor_wrong', 'key_limit_reached'],
  },
] as const satisfies readonly Endpoint[]
