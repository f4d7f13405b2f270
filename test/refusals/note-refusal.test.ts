import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AuditEntry, Occasion } from '../../lib/audit/audit-row.ts'
import type { DecisionRequest } from '../../lib/decision/decision-request.ts'
import type { Subject } from '../../lib/decision/subject.ts'
import type { DeniedRequest } from '../../lib/refusals/denied-request.ts'
import { makeDenialKeeper } from '../../lib/refusals/keep-denials.ts'
import type { StoredDecision } from '../../lib/refusals/kept-decision.ts'
import type { NoteRefusalDependencies } from '../../lib/refusals/note-refusal.ts'
import { makeRefusalNotes } from '../../lib/refusals/note-refusal.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import { subject } from '../decision/sample-subject.ts'
import { admittedSnapshotIn, organizationWith } from '../functions/stored-scene.ts'

const now = Date.parse('2026-11-21T12:00:00.000Z')
const days = (count: number) => now / 1000 + count * 86_400
const user = `usr_${'1'.repeat(16)}`
const key = `key_${'2'.repeat(36)}`
const organization = organizationWith({ auditRetentionDays: 40 })
const snapshot = admittedSnapshotIn(organization)
const { user: account } = snapshot
const caller = subject({ organization: { organizationId: organization.organizationId } })

const noting = (isOpen = true, more: Partial<NoteRefusalDependencies> = {}) => {
  const rows: { entry: AuditEntry; occasion: Occasion }[] = []
  const [decisions, tallied, waits, faults]: [StoredDecision[], unknown[], number[], unknown[]] = [
    [],
    [],
    [],
    [],
  ]
  const asked: (readonly string[])[] = []
  const notes = makeRefusalNotes({
    now: () => now,
    randomBytes: (size) => randomBytes(size),
    gate: (group, source, scope = group) => {
      asked.push([group, source, scope])
      return Promise.resolve(isOpen)
    },
    writeRow: (entry, occasion) => {
      rows.push({ entry, occasion })
      return Promise.resolve()
    },
    keepDecision: (decision) => {
      decisions.push(decision)
      return Promise.resolve()
    },
    tally: (organizationId, retention) => {
      tallied.push([organizationId, retention?.auditRetentionDays])
      return Promise.resolve()
    },
    wait: (milliseconds) => {
      waits.push(milliseconds)
      return new Promise((resolve) => setImmediate(resolve))
    },
    onFault: (fault) => faults.push(fault),
    ...more,
  })
  return { notes, rows, decisions, tallied, waits, faults, asked }
}

const denied = (
  of: Subject | null,
  request: Partial<DecisionRequest> = {},
  reason: DeniedRequest['reason'] = 'permission_not_granted',
): DeniedRequest => ({
  subject: of,
  reason,
  steps: [],
  snapshot,
  request: {
    method: 'DELETE',
    path: `/v1/users/${user}/keys/${key}`,
    address: '2001:db8:1:2::9',
    requestId: 'request-1',
    aid: null,
    target: { kind: 'management', section: 'postern-users', level: 'write', scope: 'account-group' },
    ...request,
  },
})
const login = (isKnown: boolean) => ({
  reason: 'wrong_password',
  account: isKnown ? { user: account, organization } : null,
  address: '2001:db8:1:2::9',
  requestId: 'request-1',
  nameHash: 'hash of the name',
})

describe('a denied request', () => {
  it('is noted with whom and what it concerned, for as long as the organization keeps its audit', async () => {
    const { notes, rows, decisions } = noting()
    await notes.onDenied(denied(caller))
    expect(rows).toMatchObject([
      {
        entry: {
          organizationId: organization.organizationId,
          action: 'request.refused',
          outcome: 'refused',
          reason: 'permission_not_granted',
          actor: { kind: 'user', userId: caller.userId },
          targetUserId: user,
          targetId: key,
          requestId: 'request-1',
          request: `DELETE /v1/users/${user}/keys/${key}`,
        },
        occasion: { auditExpiresAtSeconds: days(40) },
      },
    ])
    expect(decisions).toHaveLength(1)
  })

  it.each([
    ['/oauth/token', 'login.refused', null],
    [`/v1/users/${user}x`, 'request.refused', null],
    [`/v1/users/${user}`, 'request.refused', user],
    [`/v1/users/me/keys/${key}x`, 'request.refused', null],
    ['/v1/users/eyJhbGciOiJSUzI1NiJ9.canary.canary', 'request.refused', null],
  ])('at %s is a %s, of the user that the path names', async (path, action, targetUserId) => {
    const { notes, rows } = noting()
    await notes.onDenied(denied(caller, { path }))
    expect(rows).toMatchObject([{ entry: { action, targetUserId, targetId: null } }])
    expect(JSON.stringify(rows)).not.toContain('canary')
  })

  it('is kept in short, without tokens, as of whom it was claimed, and of who acted', async () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.canary.canary'
    const long = 'x'.repeat(1000)
    const { notes, decisions } = noting()
    const stepping = { steps: [{ check: 'permission', passed: false, saw: token }] } as const
    await notes.onDenied({ ...denied(null, { path: `/${token}`, method: long, address: long }), ...stepping })
    expect(decisions).toMatchObject([
      { proven: false, actingUserId: null, method: 'x'.repeat(16), address: 'x'.repeat(64), path: '/eyJ…' },
    ])
    expect(decisions[0]?.steps).toEqual([{ check: 'permission', passed: false, saw: 'eyJ…' }])
    const actor = { userId: 'usr_actor', whitelist: caller.whitelist, integrationVendor: null } as const
    await notes.onDenied(denied({ ...caller, actor }))
    expect(decisions[1]).toMatchObject({ proven: true, userId: caller.userId, actingUserId: 'usr_actor' })
  })

  it('is not kept under an id that is none of API Gateway', async () => {
    const { notes, rows, decisions } = noting()
    for (const requestId of ['r'.repeat(65), 'a#b', '']) await notes.onDenied(denied(caller, { requestId }))
    expect([rows.length, decisions.length]).toEqual([3, 0])
    await notes.onDenied(denied(caller, { requestId: 'r'.repeat(64) }))
    expect(decisions).toHaveLength(1)
  })

  it('uses the allowance of its caller, or else of its network among strangers', async () => {
    const { organizationId } = organization
    for (const [of, group, source] of [
      [caller, `${organizationId} proven`, caller.userId],
      [null, `${organizationId} claimed`, '2001:db8:1:2::/64'],
    ] as const) {
      const { notes, asked } = noting()
      await notes.onDenied(denied(of))
      expect(asked).toEqual([[group, source, group]])
    }
  })

  it('because of the rate limit gets no row, no count, and no part of the allowance of others', async () => {
    for (const isOpen of [true, false]) {
      const { notes, rows, decisions, tallied, asked } = noting(isOpen)
      await notes.onDenied(denied(caller, {}, 'rate_limited'))
      expect([rows, tallied]).toEqual([[], []])
      expect(decisions).toHaveLength(isOpen ? 1 : 0)
      expect(asked[0]?.[0]).not.toBe(`${organization.organizationId} proven`)
    }
  })

  it('beyond the allowance is counted, as long as the organization keeps its audit', async () => {
    const { notes, rows, decisions, tallied } = noting(false)
    await notes.onDenied(denied(caller))
    expect([rows, decisions]).toEqual([[], []])
    expect(tallied).toEqual([[organization.organizationId, 40]])
  })

  it('is answered after a second at most, however long the writing takes or fails', async () => {
    const stuck = noting(true, { writeRow: () => new Promise(() => undefined) })
    await stuck.notes.onDenied(denied(caller))
    expect(stuck.waits).toEqual([1000])
    expect(stuck.faults).toEqual([new Error('not written within 1000 ms')])
    const failing = noting(true, { writeRow: () => Promise.reject(new Error('no table')) })
    await failing.notes.onDenied(denied(caller))
    expect(failing.faults).toEqual([new Error('no table')])
  })
})

describe('a denial of the authorizer', () => {
  it('uses the allowance of its caller, or else of its network among strangers, and is not kept beyond it', async () => {
    const { organizationId } = organization
    const kept: StoredDecision[] = []
    const asked: (readonly string[])[] = []
    const works: (() => Promise<unknown>)[] = []
    const keepDenial = makeDenialKeeper({
      gate: (group, source) => Promise.resolve(asked.push([group, source]) === 1),
      keepDecision: (decision) => Promise.resolve(void kept.push(decision)),
      now: () => now,
      behind: (work) => works.push(work),
      onFault: (fault) => {
        throw fault
      },
    })
    await keepDenial(denied(caller))
    await keepDenial(denied(null))
    expect(kept).toEqual([])
    for (const work of works) await work()
    expect(asked).toEqual([
      [`${organizationId} proven`, caller.userId],
      [`${organizationId} claimed`, '2001:db8:1:2::/64'],
    ])
    expect(kept).toMatchObject([{ decidedBy: 'authorizer', userId: caller.userId }])
  })
})

describe('an operation that refused its caller', () => {
  it("is noted with the code, in the caller's allowance, as long as its organization keeps its audit", async () => {
    const { notes, rows, asked } = noting()
    const request = { method: 'POST', path: '/v1/users', address: '203.0.113.9', requestId: 'request-1' }
    const who = { subject: caller, snapshot, aid: null, reach: new Set<number>() }
    await notes.onRefusedOperation({ caller: who, code: 'grant_not_held', request })
    expect(rows).toMatchObject([
      { entry: { reason: 'grant_not_held' }, occasion: { auditExpiresAtSeconds: days(40) } },
    ])
    const group = `${organization.organizationId} proven`
    expect(asked).toEqual([[group, caller.userId, group]])
  })
})

describe('a refused login (L1)', () => {
  it('is noted as of whoever was claimed; of an unknown name likewise, for a day, as of nobody', async () => {
    for (const [isKnown, userId, kept] of [
      [true, account.userId, 40],
      [false, 'usr_nobody', 1],
    ] as const) {
      const { notes, rows } = noting()
      await notes.onRefusedLogin(login(isKnown))
      expect(rows).toMatchObject([
        {
          entry: { action: 'login.refused', actor: { kind: 'claimed', userId }, targetUserId: userId },
          occasion: { auditExpiresAtSeconds: days(kept) },
        },
      ])
    }
  })

  it('by a second factor is noted at home too, once, under its allowance and for the usual time', async () => {
    const home = account.homeOrganizationId
    const noted = async (organizationId: OrganizationId) => {
      const { notes, rows, asked } = noting()
      const at = { user: account, organization: { ...organization, organizationId } }
      await notes.onRefusedLogin({ ...login(true), reason: 'wrong_second_factor', account: at })
      return { rows, groups: asked.map(([group]) => group) }
    }
    expect((await noted(home)).groups).toEqual([`${home} claimed`])
    const { rows, groups } = await noted('org_host')
    expect(groups).toEqual(['org_host claimed', `${home} claimed`])
    const kept = rows.map(({ occasion }) => occasion.auditExpiresAtSeconds)
    expect(kept).toEqual([days(40), days(366)])
  })

  it('takes a tenth of a second more, and uses the allowance of its network for the name that was typed', async () => {
    const { notes, waits, asked } = noting()
    await notes.onRefusedLogin(login(true))
    expect(waits.toSorted((one, other) => one - other)).toEqual([100, 1000])
    expect(asked).toEqual([
      [`${organization.organizationId} claimed`, '2001:db8:1:2::/64', 'hash of the name'],
    ])
  })
})
