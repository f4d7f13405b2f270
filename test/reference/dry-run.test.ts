import { beforeAll, describe, expect, it } from 'vitest'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import type { EveryEndpoint } from './every-endpoint.ts'
import { everyEndpoint } from './every-endpoint.ts'

let every: EveryEndpoint
beforeAll(async () => {
  every = await everyEndpoint()
})

/** Why a write takes no dry run. */
const exceptions: Readonly<Record<string, string>> = {
  changeOwnPassword: 'a wrong password counts, and nobody tries passwords out for nothing',
  login: 'issues, and changes nothing',
  logout: 'ends the session at hand',
  signIn: 'issues, and changes nothing',
  renewConsoleToken: 'issues, and changes nothing',
  moveSession: 'opens a session in place of another',
  signOut: 'ends the session at hand',
  endOwnSession: 'ends a session',
  signOutEverywhere: 'ends sessions',
  issueToken: 'issues, and changes nothing',
  introspectToken: 'reads',
  revokeToken: 'RFC 7009 has no such parameter',
  explainAccess: 'reads',
  checkWhitelist: 'reads',
  refreshProviders: 'asks for a download, which nothing can foresee',
  submitForgotPasswordPage: 'a form',
  requestPasswordReset: 'public: it would tell who is there',
  confirmPasswordReset: 'public: the token is spent in one try',
  submitPasswordResetPage: 'a form',
  acceptInvitation: 'public: the token is spent in one try',
  submitInvitationPage: 'a form',
  makeResetLink: 'shows a link, once',
  challengeOwnPasskey: 'begins what the answer of the passkey ends',
  proveIdentity: 'a wrong password counts, and a code is spent in one try',
  beginSecondFactor: 'shows a secret, once, and adds nothing',
  addSecondFactor: 'the enrollment is spent in one try',
  completeSignIn: 'a code is spent in one try',
  challengeAtSignIn: 'begins what the answer of the passkey ends',
  beginSecondFactorAtSignIn: 'shows a secret, once, and adds nothing',
  addSecondFactorAtSignIn: 'the enrollment is spent in one try',
  makeRecoveryCodes: 'shows codes, once',
  changeTykUser: 'the call of another product',
  deleteTykUser: 'the call of another product',
  changeTykPassword: 'the call of another product',
  resetTykKey: 'the call of another product',
  createThousandEyesUserJson: 'the call of another product',
  changeThousandEyesUser: 'the call of another product',
  changeThousandEyesUserV6: 'the call of another product',
  changeThousandEyesUserJson: 'the call of another product',
  deleteThousandEyesUser: 'the call of another product',
  deleteThousandEyesUserV6: 'the call of another product',
  deleteThousandEyesUserJson: 'the call of another product',
  createTykUser: 'the call of another product',
  createThousandEyesUser: 'the call of another product',
  createThousandEyesUserV6: 'the call of another product',
}

const writing = endpoints.filter(({ method }) => method !== 'GET')
/** Deletions last, from the inside outwards, so that what they take away is not missed by others. */
const rehearsed = writing
  .filter(({ dryRun }) => dryRun === true)
  .map((endpoint) => ({
    endpoint,
    late: endpoint.method === 'DELETE' ? 100 - endpoint.path.split('/').length : 0,
  }))
  .sort((one, other) => one.late - other.late)
  .map(({ endpoint }) => [endpoint.operationId, endpoint] as const)

type Rows = Awaited<ReturnType<EveryEndpoint['scene']['stored']>>

const auditOf = (rows: Rows, organizationId: OrganizationId) =>
  rows.filter((row) => row['kind'] === 'audit' && row['organizationId'] === organizationId)

describe('a dry run', () => {
  it('is taken by every change, but for some', () => {
    const without = writing.filter(({ dryRun }) => dryRun !== true).map(({ operationId }) => operationId)
    expect(without.filter((operationId) => !(operationId in exceptions))).toEqual([])
  })

  let succeeded = 0

  it.each(rehearsed)('writes nothing and foresees what happens: %s', async (_, endpoint) => {
    const { scene, ask } = every
    const before = await scene.stored()
    const dry = await ask(endpoint, { query: 'dryRun=true' })
    // A 403 leaves its trace, as every one does.
    if (dry.status !== 403) expect(await scene.stored()).toEqual(before)
    expect(dry.text).not.toMatch(/pst_/)

    const real = await ask(endpoint)
    const isDone = real.status < 300
    if (!isDone) {
      expect([dry.status, dry.body['code']]).toEqual([real.status, real.body['code']])
      return
    }
    succeeded += 1
    expect(dry.status).toBe(200)
    const known = new Set(
      auditOf(before, scene.first.organizationId).map(({ auditId, sk }) => `${auditId} ${sk}`),
    )
    const written = auditOf(await scene.stored(), scene.first.organizationId)
      .filter(({ auditId, sk }) => !known.has(`${auditId} ${sk}`))
      .map(({ action }) => action)
    const { changes } = dry.body['dryRun'] as { changes: { action: string }[] }
    expect(changes.map(({ action }) => action).sort()).toEqual(written.sort())
  })

  it('was tried with requests that succeed', () => {
    expect(succeeded).toBeGreaterThan(25)
  })

  it.each([
    ['DELETE', '/v1/users/me/keys/key_x', 'dryRun=yes'],
    ['DELETE', '/v1/users/me/keys/key_x', 'dryRun=1'],
    ['DELETE', '/v1/users/me/keys/key_x', 'dryRun='],
    ['DELETE', '/v1/users/me/keys/key_x', 'dryRun=true&dryRun=true'],
    ['DELETE', '/v1/users/me/keys/key_x', 'dryrun=true'],
  ])('is asked for in one spelling: %s %s?%s', async (method, path, query) => {
    const { scene } = every
    const answer = await scene.call(method, path, { authorization: `Bearer ${scene.first.token}`, query })
    expect(answer.status).toBe(400)
  })
})
