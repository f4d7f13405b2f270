import { beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { logOut } from '../../lib/sessions/log-out.ts'
import { readSessionClaims } from '../../lib/sessions/session-claims.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organizations/organization.ts'
import type { AccessScene } from '../policy/access-scene.ts'
import { accessScene, refusal } from '../policy/access-scene.ts'

const sessionId = 'ses_0123456789abcdefghij'
const at = '2026-11-21T12:00:00.000Z'
const nowSeconds = Date.parse(at) / 1000
const daySeconds = 86_400

let scene: AccessScene
let caller: Caller
beforeAll(async () => {
  scene = await accessScene()
  caller = (await scene.make({ username: 'partner' })).caller
})
const end = (who: Caller) => logOut({ ...scene.dependencies, now: () => Date.parse(at) + 999 }, who, origin)

const longestLived = (exp: number) =>
  readSessionClaims(
    {
      iss: 'https://postern.example',
      sub: caller.subject.userId,
      aud: 'https://postern.example',
      exp,
      iat: exp - 12 * 3600,
      jti: sessionId,
      client_id: caller.subject.userId,
      org: caller.subject.organization.organizationId,
      epoch: '0.mem_0123456789ab.0',
    },
    { issuer: 'https://postern.example', now: nowSeconds * 1000 },
  ).ok

describe('a logout', () => {
  it('ends the presented session, and no other, for as long as any of its tokens can be accepted', async () => {
    const { subject, snapshot } = caller
    const { organization } = snapshot
    if (organization === null) throw new Error('a caller has an organization')
    const inSession: Caller = {
      ...caller,
      subject: { ...subject, provenBy: { ...subject.provenBy, kind: 'session', sessionId } },
      snapshot: { ...snapshot, organization: { ...organization, auditRetentionDays: 40 } },
    }
    await end(inSession)
    const mark = await readItem(scene.table, keys.logout(subject.userId, sessionId))
    expect(mark).toMatchObject({ kind: 'logout' })
    const markEnds = Number(mark?.['expiresAtSeconds'])
    expect(longestLived(markEnds)).toBe(true)
    expect(longestLived(markEnds + 1)).toBe(false)

    const items = await allItems(scene.table)
    expect(items.filter(({ kind }) => kind === 'logout')).toHaveLength(1)
    expect(items.filter(({ action }) => action === 'session.ended')).toMatchObject([
      {
        organizationId: organization.organizationId,
        outcome: 'done',
        expiresAtSeconds: nowSeconds + 40 * daySeconds,
        actor: { kind: 'user', userId: subject.userId, keyId: subject.provenBy.keyId },
        targetUserId: subject.userId,
        targetId: sessionId,
        ...origin,
        changes: [],
      },
    ])
  })

  it('is refused to whoever comes with a key or a token, and told what ends these', async () => {
    expect(await refusal(end(caller))).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringMatching(/To revoke a key or a token, delete it/),
    })
  })
})
