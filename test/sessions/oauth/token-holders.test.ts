import { beforeAll, describe, expect, it } from 'vitest'
import { createCredential } from '../../../lib/credentials/manage-credentials.ts'
import { epochOf } from '../../../lib/identity/member.ts'
import { changeOrganization } from '../../../lib/organizations/change-organization.ts'
import type { UserId } from '../../../lib/secrets/key-id.ts'
import type { WriteTransaction } from '../../../lib/table/transaction.ts'
import { changeUser } from '../../../lib/users/change-user.ts'
import { refusalCode } from '../../contract/refusal-code.ts'
import { allItems } from '../../fresh-table.ts'
import { anything } from '../../guests/membership-scene.ts'
import { callerWith } from '../../organizations/organization.ts'
import type { Holder, OAuthScene } from './oauth-scene.ts'
import { oauthScene, origin, tokenIn } from './oauth-scene.ts'

let scene: OAuthScene
let client: Awaited<ReturnType<OAuthScene['make']>>
let colleague: Awaited<ReturnType<OAuthScene['make']>>
let actor: Awaited<ReturnType<OAuthScene['make']>>
let stranger: Holder

beforeAll(async () => {
  scene = await oauthScene()
  // Both keep their audit for a time of their own, and not for the default.
  await changeOrganization(scene.dependencies, await scene.admin(), { auditRetentionDays: 40 }, origin)
  await changeOrganization(scene.dependencies, await scene.host.admin(), { auditRetentionDays: 50 }, origin)
  client = await scene.make({ username: 'client', loginAccountGroup: 1 })
  colleague = await scene.make({ username: 'colleague' })
  actor = await scene.make({ username: 'actor', impersonation: 'full' })
  stranger = { user: { username: 'host-admin' }, token: scene.host.token }
})

const disable = async (user: { readonly userId: UserId }) =>
  changeUser(scene.dependencies, await scene.admin(), user.userId, { status: 'disabled' }, anything, origin)
const audited = async (action: string, targetUserId: UserId) =>
  (await allItems(scene.table)).filter(
    (item) => item['action'] === action && item['targetUserId'] === targetUserId,
  )
/** How long the audit keeps a row, in days. */
const keptFor = ({ at, expiresAtSeconds }: Readonly<Record<string, unknown>>) =>
  (Number(expiresAtSeconds) - Math.floor(Date.parse(String(at)) / 1000)) / 86_400
const told = async (by: Holder, token: string) => {
  const answer = await scene.introspect(by, token)
  if (!answer.ok) throw new Error(answer.refusal.error)
  return answer.response
}
const sessionOf = async (by: Holder, fields = {}) => tokenIn(await scene.issue(by, fields))
const acting = async () =>
  tokenIn(await scene.exchange({ subject_token: actor.token, requested_subject: 'client' }))

describe('RFC 7662: introspection', () => {
  it('tells of a token of the own organization whose it is, by what key, since when and until when', async () => {
    const expiresAt = new Date(Date.now() + 3_600_500).toISOString()
    const made = await createCredential(
      scene.dependencies,
      await scene.admin(),
      client.user.userId,
      { name: 'ending', kind: 'token', expiresAt },
      origin,
    )
    expect(await told(colleague, made.token ?? '')).toEqual({
      active: true,
      token_type: 'Bearer',
      iss: scene.dependencies.issuer,
      sub: client.user.userId,
      username: 'client',
      client_id: made.keyId,
      org: scene.home.organizationId,
      iat: Math.floor(Date.parse(made.createdAt) / 1000),
      exp: Math.floor(Date.parse(expiresAt) / 1000),
    })
    expect(await told(colleague, client.token)).not.toHaveProperty('exp')
    expect(await told(colleague, await sessionOf(client))).toMatchObject({
      active: true,
      sub: client.user.userId,
      username: 'client',
    })
  })

  it('T6: knows nothing of tokens and sessions of another organization, in either direction', async () => {
    for (const token of [stranger.token, await sessionOf(stranger)])
      expect(await told(client, token)).toEqual({ active: false })
    for (const token of [client.token, await sessionOf(client), await acting()])
      expect(await told(stranger, token)).toEqual({ active: false })
  })

  it('T6: knows nothing of tokens and sessions of a disabled user', async () => {
    const leaver = await scene.make({ username: 'leaver' })
    const session = await sessionOf(leaver)
    expect(await told(client, leaver.token)).toMatchObject({ active: true })
    await disable(leaver.user)
    for (const token of [leaver.token, session]) expect(await told(client, token)).toEqual({ active: false })
  })

  it('answers no client that is disabled or cannot prove itself', async () => {
    const leaver = await scene.make({ username: 'leaving-client' })
    await disable(leaver.user)
    for (const by of [leaver, { user: client.user, token: colleague.token }])
      expect(await scene.introspect(by, client.token)).toMatchObject({
        refusal: { error: 'invalid_client' },
      })
  })

  it('uses the allowance at protected APIs, and tells where the client stands with it in every answer', async () => {
    const asker = await scene.make({ username: 'asker' })
    const { userId } = asker.user
    const limit = { rateLimitPerMinute: 3 }
    await changeUser(scene.dependencies, await scene.admin(), userId, limit, anything, origin)
    for (const [token, remaining] of [
      [client.token, 2],
      [await sessionOf(client), 1],
      ['made-up-by-somebody', 0],
    ] as const)
      expect(await scene.introspect(asker, token)).toMatchObject({
        rateLimit: { limitPerMinute: 3, remaining },
      })
    expect(await refusalCode(scene.introspect(asker, client.token))).toBe('too_many_requests')
    const counted = (await allItems(scene.table)).filter((item) => String(item['pk']).includes(userId))
    const counters = counted.filter((item) => item['kind'] === 'rate-counter')
    expect(counters.map(({ pk, sk }) => `${pk} ${sk}`)).toEqual([expect.stringContaining('protected')])
    // What it gives up or gets is counted by nothing.
    expect(await scene.revoke(asker, await sessionOf(asker))).toBeNull()
  })
})

describe('RFC 7009: revocation', () => {
  it('ends a session of a guest in another organization, in whose audit it is', async () => {
    const guest = await scene.make({ username: 'guest' })
    await scene.invite('guest')
    await scene.accept(guest.caller)
    const { userId } = guest.user
    const { organizationId } = scene.host
    const member = await scene.dependencies.readMember(userId, organizationId)
    if (member === undefined) throw new Error('the guest has no membership')
    const of = { userId, organizationId, epoch: epochOf(member), keyId: null, actor: null }
    const { text } = await scene.sign({ ...of, accountGroup: null, audience: null, lifetimeSeconds: 900 })
    expect(await told(stranger, text)).toMatchObject({ active: true, sub: userId })
    expect(await told(client, text)).toEqual({ active: false })

    expect(await scene.revoke(guest, text)).toBeNull()

    expect(await told(stranger, text)).toEqual({ active: false })
    expect(await told(client, guest.token)).toMatchObject({ active: true })
    const rows = await audited('session.ended', userId)
    expect(rows).toMatchObject([{ organizationId, actor: { userId }, ...origin }])
    expect(rows.map(keptFor)).toEqual([50])
  })

  it("leaves alone what is another user's, of whatever organization, and whoever acts as the client", async () => {
    const others = [
      colleague.token,
      await sessionOf(colleague),
      stranger.token,
      await sessionOf(stranger),
      await acting(),
    ]
    const before = await allItems(scene.table)
    for (const token of others) expect(await scene.revoke(client, token)).toBeNull()
    expect(await allItems(scene.table)).toHaveLength(before.length)
  })

  it('lets whoever acts end that, for the user whose session it was', async () => {
    const session = await acting()
    expect(await told(client, session)).toMatchObject({ active: true, act: { sub: actor.user.userId } })
    expect(await scene.revoke(actor, session)).toBeNull()
    expect(await told(client, session)).toEqual({ active: false })
    expect(await audited('session.ended', client.user.userId)).toMatchObject([
      { actor: { userId: client.user.userId, actingUserId: actor.user.userId } },
    ])
  })

  it('is refused to a client that is disabled, and ends nothing then', async () => {
    const leaver = await scene.make({ username: 'disabled-client' })
    await disable(leaver.user)
    expect(await scene.revoke(leaver, leaver.token)).toMatchObject({ error: 'invalid_client' })
    expect(await audited('credential.deleted', leaver.user.userId)).toEqual([])
  })

  it('is content with a token that another request deletes at the same moment', async () => {
    const { token, user } = await scene.make({ username: 'revoked-twice' })
    const holder = { user, token }
    const after: WriteTransaction = async (writes) => {
      expect(await scene.revoke(holder, token)).toBeNull()
      return await scene.dependencies.write(writes)
    }
    expect(await scene.revoke(holder, token, after)).toBeNull()
    expect(await audited('credential.deleted', user.userId)).toHaveLength(1)
  })

  it('says so when the token could not be deleted', async () => {
    const { token } = await scene.make({ username: 'unlucky' })
    const revoked = scene.revoke({ user: { username: 'unlucky' }, token }, token, scene.failing)
    expect(await refusalCode(revoked)).toBe('temporarily_unavailable')
    expect(await told(client, token)).toMatchObject({ active: true })
  })
})

describe('RFC 6749: a token for a client', () => {
  it('is for the account group, the key and the time of the client, and the audit has it', async () => {
    const issued = await scene.issue(client, { resource: `urn:postern:${scene.home.apiId}` })
    const grant = scene.grants.at(-1)
    const { keyId } = client.caller.subject.provenBy
    const lifetimeSeconds = (await scene.admin()).snapshot.organization?.sessionLifetimeSeconds
    expect(grant).toMatchObject({
      userId: client.user.userId,
      audience: `urn:postern:${scene.home.apiId}`,
      accountGroup: 1,
      keyId,
      lifetimeSeconds,
    })
    expect(issued).toMatchObject({ response: { expires_in: lifetimeSeconds } })
    const rows = (await audited('token.issued', client.user.userId)).filter(
      (row) => row['apiId'] === scene.home.apiId,
    )
    expect(rows).toMatchObject([
      { targetId: expect.stringMatching(/^ses_/), actor: { userId: client.user.userId, keyId }, ...origin },
    ])
    expect(rows.map(keptFor)).toEqual([40])
  })

  it('is not given when its audit row is not written (F4)', async () => {
    expect(await refusalCode(scene.issue(client, {}, scene.failing))).toBe('temporarily_unavailable')
  })

  it('is not given for an audience that its organization does not see', async () => {
    const signed = scene.grants.length
    const answer = await scene.issue(client, { resource: 'urn:postern:nothing' })
    expect(answer).toMatchObject({ ok: false, refusal: { error: 'invalid_target' } })
    expect(scene.grants).toHaveLength(signed)
  })

  it('is the same one when the client asks again: one signature, and a row in the audit for each time', async () => {
    const eager = await scene.make({ username: 'eager' })
    const signed = scene.grants.length
    const tokens = [await sessionOf(eager), await sessionOf(eager), await sessionOf(eager)]
    expect(new Set(tokens).size).toBe(1)
    expect(scene.grants).toHaveLength(signed + 1)
    const rows = await audited('token.issued', eager.user.userId)
    expect(rows).toHaveLength(3)
    expect(new Set(rows.map((row) => row['targetId'])).size).toBe(1)
    expect(await refusalCode(scene.issue(eager, {}, scene.failing))).toBe('temporarily_unavailable')
    expect(await told(client, await sessionOf(eager))).toMatchObject({ active: true })
  })

  it('is never given again once it was revoked, or what it stands for changed', async () => {
    const owner = await scene.make({ username: 'changing' })
    const seen = new Set<string>()
    const expectNew = async () => {
      const token = await sessionOf(owner)
      expect(seen.has(token)).toBe(false)
      expect(await told(client, token)).toMatchObject({ active: true })
      seen.add(token)
      expect(await sessionOf(owner)).toBe(token)
      return token
    }
    expect(await scene.revoke(owner, await expectNew())).toBeNull()
    await expectNew()
    const change = async (changes: Parameters<typeof changeUser>[3]) =>
      changeUser(scene.dependencies, await scene.admin(), owner.user.userId, changes, anything, origin)
    await change({ status: 'disabled' })
    expect(await scene.issue(owner)).toMatchObject({ refusal: { error: 'invalid_client' } })
    await change({ status: 'active' })
    await expectNew()
    await change({ loginAccountGroup: 1 })
    await expectNew()
    expect(await scene.revoke(owner, owner.token)).toBeNull()
    expect(await scene.issue(owner)).toMatchObject({ refusal: { error: 'invalid_client' } })
  })

  it('is another one when a revocation comes between the reading of the client and the writing of the row', async () => {
    const racing = await scene.make({ username: 'racing' })
    const first = await sessionOf(racing)
    let written = 0
    const late: WriteTransaction = async (writes) => {
      written += 1
      if (written === 1) expect(await scene.revoke(racing, first)).toBeNull()
      return await scene.dependencies.write(writes)
    }
    const second = tokenIn(await scene.issue(racing, {}, late))
    expect(second).not.toBe(first)
    expect(await told(client, first)).toEqual({ active: false })
    expect(await told(client, second)).toMatchObject({ active: true })
    expect(await audited('token.issued', racing.user.userId)).toHaveLength(2)
  })

  it('costs a read and a transaction, whether it is signed or given again, and a read more to act as somebody', async () => {
    const frugal = await scene.make({ username: 'frugal' })
    // The first use of a credential is noted.
    await sessionOf(frugal)
    await acting()
    const sent: (string | undefined)[] = []
    scene.table.client.middlewareStack.add(
      (next, context) => (args) => {
        sent.push(context.commandName)
        return next(args)
      },
      { step: 'initialize', name: 'count' },
    )
    try {
      await sessionOf(frugal)
      expect(sent).toEqual(['BatchGetItemCommand', 'TransactWriteItemsCommand'])
      sent.length = 0
      await scene.exchange({ subject_token: actor.token, requested_subject: client.user.userId })
      expect(sent).toEqual(['BatchGetItemCommand', 'BatchGetItemCommand', 'TransactWriteItemsCommand'])
    } finally {
      scene.table.client.middlewareStack.remove('count')
    }
  })

  it('is refused by name of the path in the audit, with address and request id', async () => {
    const { token } = await scene.make({ username: 'other-user' })
    expect(await scene.issue({ user: client.user, token })).toMatchObject({
      refusal: { error: 'invalid_client' },
    })
    const rows = (await allItems(scene.table)).filter((item) => item['action'] === 'login.refused')
    expect(rows).toContainEqual(
      expect.objectContaining({ ...origin, request: 'POST /oauth/token', reason: 'credential_unknown' }),
    )
  })
})

describe('RFC 8693: a token to act with', () => {
  it('is not given when its audit row is not written (F4)', async () => {
    const asked = { subject_token: actor.token, requested_subject: 'client' }
    expect(await scene.exchange(asked, scene.failing)).toMatchObject({ ok: false })
  })

  it('is in the audit with the API that it is for, from where it was asked for, as long as rows are kept', async () => {
    const { organizationId, apiId } = scene.home
    const resource = `urn:postern:${apiId}`
    const subject = { subject_token: actor.token, requested_subject: 'client' }
    expect(await scene.exchange({ ...subject, resource })).toMatchObject({ ok: true })
    expect(scene.grants.at(-1)).toMatchObject({
      organizationId,
      audience: resource,
      accountGroup: 1,
      keyId: actor.caller.subject.provenBy.keyId,
      lifetimeSeconds: 300,
    })
    const rows = (await audited('impersonation.started', client.user.userId)).filter(
      (row) => row['apiId'] === apiId,
    )
    expect(rows).toMatchObject([{ actor: { userId: actor.user.userId }, ...origin }])
    expect(rows.map(keptFor)).toEqual([40])
  })

  it('T7: does not come of a session in which somebody acts already, nor of one for a single API', async () => {
    const session = await acting()
    const holds = { actor_token: actor.token }
    const nested = { refusal: { error: 'invalid_request' } }
    for (const asked of [
      { subject_token: session },
      { subject_token: session, requested_subject: 'colleague' },
      { subject_token: session, ...holds },
      { subject_token: session, requested_subject: 'colleague', ...holds },
      { subject_token: actor.token, actor_token: session },
    ])
      expect(await scene.exchange(asked)).toMatchObject(nested)
    const narrow = await sessionOf(client, { resource: `urn:postern:${scene.home.apiId}` })
    expect(await scene.exchange({ subject_token: narrow, ...holds })).toMatchObject(nested)
    // The same with the user's own session, which says that somebody holds it and nothing more.
    expect(await scene.exchange({ subject_token: await sessionOf(client), ...holds })).toMatchObject({
      ok: true,
    })
  })

  it('T7: does not come of the token of a disabled user', async () => {
    const leaver = await scene.make({ username: 'disabled-subject' })
    const holds = { subject_token: leaver.token, actor_token: actor.token }
    expect(await scene.exchange(holds)).toMatchObject({ ok: true })
    await disable(leaver.user)
    expect(await scene.exchange(holds)).toMatchObject({ refusal: { error: 'invalid_request' } })
    const named = { subject_token: actor.token, requested_subject: 'disabled-subject' }
    expect(await scene.exchange(named)).toMatchObject({ refusal: { error: 'invalid_grant' } })
  })

  it('is refused by what is wrong: the client, the actor, the subject or the target', async () => {
    const wrong = { client_id: 'actor', client_secret: colleague.token }
    for (const [asked, error] of [
      [{ subject_token: actor.token, ...wrong }, 'invalid_client'],
      [{ subject_token: actor.token, actor_token: 'made-up-by-somebody' }, 'invalid_request'],
      [{ subject_token: 'made-up-by-somebody' }, 'invalid_request'],
      [{ subject_token: actor.token, resource: 'urn:postern:nothing' }, 'invalid_target'],
    ] as const)
      expect(await scene.exchange(asked)).toMatchObject({ ok: false, refusal: { error } })
  })

  it('T7: does not come of a token of another organization', async () => {
    const holds = { subject_token: stranger.token, actor_token: actor.token }
    expect(await scene.exchange(holds)).toMatchObject({ refusal: { error: 'invalid_grant' } })
    const admin = await callerWith(scene.table, stranger.token)
    const named = { subject_token: actor.token, requested_subject: admin.subject.userId }
    expect(await scene.exchange(named)).toMatchObject({ refusal: { error: 'invalid_grant' } })
  })
})
