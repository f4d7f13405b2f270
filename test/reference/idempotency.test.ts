import { beforeAll, describe, expect, it } from 'vitest'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { EveryEndpoint } from './every-endpoint.ts'
import { everyEndpoint } from './every-endpoint.ts'

let every: EveryEndpoint
let otherToken: string
beforeAll(async () => {
  every = await everyEndpoint()
  otherToken = (await every.scene.make({ username: 'other-admin', role: 'Admin' })).token
})

/** Why a POST takes no Idempotency-Key. */
const exceptions: Readonly<Record<string, string>> = {
  acceptOwnInvitation: 'once accepted it stays accepted, however often',
  confirmMembership: 'once confirmed it stays confirmed',
  login: 'a session is not stored; another one does no harm',
  logout: 'an end, however often',
  signIn: 'a session of its own each time',
  renewConsoleToken: 'a token is not stored; another one does no harm',
  moveSession: 'the session that moved is gone',
  issueToken: 'a session is not stored; another one does no harm',
  introspectToken: 'reads',
  revokeToken: 'an end, however often',
  checkWhitelist: 'reads',
  explainAccess: 'reads',
  refreshProviders: 'two refreshes are as good as one',
  makeResetLink: 'a newer link ends the older',
  challengeOwnPasskey: 'another challenge does no harm',
  proveIdentity: 'another proof does no harm, and a code is good once',
  beginSecondFactor: 'adds nothing',
  addSecondFactor: 'an enrollment is confirmed once',
  completeSignIn: 'the session that waited is gone',
  challengeAtSignIn: 'another challenge does no harm',
  beginSecondFactorAtSignIn: 'adds nothing',
  addSecondFactorAtSignIn: 'the session that waited is gone',
  makeRecoveryCodes: 'newer codes end the older',
  acceptProviderList: 'names the list that it accepts',
  changeTykPassword: 'changes or takes away, which is the same twice',
  resetTykKey: 'a newer key ends the older',
  changeThousandEyesUser: 'changes or takes away, which is the same twice',
  changeThousandEyesUserV6: 'changes or takes away, which is the same twice',
  changeThousandEyesUserJson: 'changes or takes away, which is the same twice',
  deleteThousandEyesUser: 'changes or takes away, which is the same twice',
  deleteThousandEyesUserV6: 'changes or takes away, which is the same twice',
  deleteThousandEyesUserJson: 'changes or takes away, which is the same twice',
  submitForgotPasswordPage: 'a form',
  requestPasswordReset: 'public: a newer link ends the older',
  confirmPasswordReset: 'public: the token is good once',
  submitPasswordResetPage: 'a form, its token is good once',
  acceptInvitation: 'public: the token is good once',
  submitInvitationPage: 'a form, its token is good once',
}

const posts = endpoints.filter(({ method }) => method === 'POST')
const repeatable = posts.filter(({ request }) => 'idempotency-key' in (request.headers?.shape ?? {}))

/** Of each item of a batch, or of the one thing; each once. */
const statusesOf = ({ status, body }: { status: number; body: Readonly<Record<string, unknown>> }) => {
  const { results = [{ status }] } = body as { results?: { status: number }[] }
  return [...new Set(results.map((result) => result.status))]
}

describe('an Idempotency-Key', () => {
  it('is taken by every POST that makes something', () => {
    const without = posts.filter((endpoint) => !repeatable.includes(endpoint))
    expect(without.map(({ operationId }) => operationId).filter((id) => !(id in exceptions))).toEqual([])
  })

  /** Off in this scene's organization; they are made by the same use cases as those of other users. */
  const switchedOff = ['createOwnCredential', 'rotateOwnCredential']
  const tried = repeatable.filter(({ operationId }) => !switchedOff.includes(operationId))

  it.each(tried.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    'makes one thing, with one answer, of a request and its repetition: %s',
    async (operationId, endpoint) => {
      const { scene, ask } = every
      const headers = { 'idempotency-key': `key of ${operationId}`.replaceAll(' ', '-') }
      const first = await ask(endpoint, { headers })
      expect([first.status, first.text]).toEqual([endpoint.response.status, expect.anything()])
      if (endpoint.batch !== undefined) expect(statusesOf(first)).toEqual([201])
      const stored = await scene.stored()

      const again = await ask(endpoint, { headers })
      expect([again.status, again.text]).toEqual([first.status, first.text])
      expect(again.headers['location']).toBe(first.headers['location'])
      const inAnotherGroup = await ask(endpoint, { headers, query: 'aid=1' })
      expect([statusesOf(inAnotherGroup), operationId]).toEqual([[422], operationId])
      // Somebody else's key is another key.
      if (operationId !== 'createOrganization' && operationId !== 'rotateCredential') {
        const dry = endpoint.dryRun === true ? { query: 'dryRun=true' } : {}
        const asOther = await ask(endpoint, { headers, ...dry, authorization: `Bearer ${otherToken}` })
        expect(asOther.text).not.toBe(first.text)
      }
      const ofOthers = (rows: typeof stored) => rows.filter(({ pk }) => !String(pk).includes('IDEMPOTENCY'))
      if (endpoint.dryRun === true) expect(ofOthers(await scene.stored())).toEqual(ofOthers(stored))
    },
  )

  it('replays nothing of what was refused: the corrected request is carried out under the same key', async () => {
    const { scene } = every
    const send = (json: unknown) =>
      scene.call('POST', '/v1/roles', {
        authorization: `Bearer ${scene.first.token}`,
        headers: { 'idempotency-key': 'corrected' },
        json,
      })
    expect((await send({ name: 'Admin' })).status).toBe(409)
    expect((await send({ name: 'Corrected' })).status).toBe(201)
  })
})
