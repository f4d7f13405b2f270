import { readCredentials, readPasswordHash } from '../lib/credentials/credential-store.ts'
import {
  challengePasskeys,
  listFactors,
  listOwnFactors,
  makeRecoveryCodes,
  removeFactor,
  renameFactor,
  resetFactors,
} from '../lib/factors/change-factors.ts'
import { beginEnrollment, confirmEnrollment, ownEnrolling } from '../lib/factors/enroll-factor.ts'
import { factorEndpoints } from '../lib/factors/factor-endpoints.ts'
import { proveIdentity, requireProof } from '../lib/factors/prove-identity.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import type { UserId } from '../lib/secrets/key-id.ts'
import { passwordHasher } from '../lib/secrets/password-hasher.ts'
import { verifyWithinCounts } from '../lib/sessions/second-step.ts'
import { openApi } from './wiring/api.ts'
import { openFactors } from './wiring/factors.ts'
import { openLogins } from './wiring/logins.ts'
import { openThrottles } from './wiring/throttles.ts'

const api = openApi()
const factors = openFactors(api.table)
const withinCounts = {
  ...openLogins(api.table),
  ...factors,
  now: Date.now,
  randomBytes: api.randomBytes,
  // The audit has refused logins, and this is none.
  onRefused: () => undefined,
}
const dependencies = {
  ...api,
  ...factors,
  ...openThrottles(api.table),
  hasher: passwordHasher(),
  verifyWithinCounts: verifyWithinCounts(withinCounts),
  readPasswordHash: (userId: UserId) => readPasswordHash(api.table, userId),
  readCredentials: (userId: UserId) => readCredentials(api.table, userId),
}

export const handler = httpFunction(
  'second-factors',
  factorEndpoints,
  {
    listOwnSecondFactors: async ({ caller }) => ({ body: await listOwnFactors(dependencies, caller) }),
    challengeOwnPasskey: async ({ caller, write }) => ({
      body: await challengePasskeys({ ...dependencies, write }, caller.snapshot.user.userId),
    }),
    proveIdentity: async ({ caller, body, origin, write }) => ({
      body: await proveIdentity({ ...dependencies, write }, caller, body, origin),
    }),
    beginSecondFactor: async ({ caller, headers, body, origin, write }) => {
      const proven = await requireProof(dependencies, caller, headers['postern-proof'])
      const enrolling = ownEnrolling(caller, origin)
      return { body: await beginEnrollment({ ...dependencies, write }, enrolling, body.kind, proven) }
    },
    addSecondFactor: async ({ caller, body, origin, write }) => ({
      body: await confirmEnrollment({ ...dependencies, write }, ownEnrolling(caller, origin), body),
    }),
    renameSecondFactor: async ({ caller, params, body, origin, write }) => ({
      body: {
        secondFactor: await renameFactor(
          { ...dependencies, write },
          caller,
          params.factorId,
          body.name,
          origin,
        ),
      },
    }),
    removeSecondFactor: async ({ caller, params, headers, origin, write }) => {
      const proven = await requireProof(dependencies, caller, headers['postern-proof'])
      await removeFactor({ ...dependencies, write }, caller, params.factorId, proven, origin)
      return {}
    },
    makeRecoveryCodes: async ({ caller, headers, origin, write }) => {
      const proven = await requireProof(dependencies, caller, headers['postern-proof'])
      const recoveryCodes = await makeRecoveryCodes({ ...dependencies, write }, caller, proven, origin)
      return { body: { recoveryCodes } }
    },
    listSecondFactors: async ({ caller, params }) => ({
      body: await listFactors(dependencies, caller, params.userId),
    }),
    resetSecondFactors: async ({ caller, params, origin, write }) => {
      await resetFactors({ ...dependencies, write }, caller, params.userId, origin)
      return {}
    },
  },
  api.http,
)
