import { beforeEach, describe, expect, it } from 'vitest'
import { openLogins } from '../../functions/wiring/logins.ts'
import { wait } from '../../functions/wiring/wait.ts'
import { admit } from '../../lib/admission/admit.ts'
import type { AuditRow } from '../../lib/audit/audit-endpoints.ts'
import { listAudit } from '../../lib/audit/list-audit.ts'
import { readCredentials } from '../../lib/credentials/credential-store.ts'
import { createCredential } from '../../lib/credentials/manage-credentials.ts'
import { showDecision } from '../../lib/explain/show-decision.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import { refusalsNoted } from '../../lib/limits/throttle-rule.ts'
import { readDecision } from '../../lib/refusals/kept-decision-store.ts'
import type { NoteRefusalDependencies } from '../../lib/refusals/note-refusal.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import { newSecretOf } from '../../lib/secrets/key-id.ts'
import type { LogInDependencies } from '../../lib/sessions/log-in.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { timelineNames } from '../../lib/table/schema.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import {
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
  verifierOf,
} from '../organizations/organization.ts'
import { admissionOn, notesOn, otherOrganization, readingOf } from './refusal-notes.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>

beforeEach(async () => {
  table = await freshTable(timelineNames)
  organization = await makeOrganization(table)
})

const ask = (
  authorization: string,
  asked: { readonly path?: string; readonly requestId?: string; readonly address?: string } = {},
  notes = notesOn(table),
) =>
  admit(admissionOn(table, notes.onDenied), authorization, {
    address: origin.address,
    method: 'DELETE',
    path: '/v1/users/usr_0123456789abcdef',
    aid: null,
    target: { kind: 'management', section: 'postern-users', level: 'write', scope: 'account-group' },
    requestId: 'denied-1',
    ...asked,
  })

const refusals = async (caller = organization.admin): Promise<AuditRow[]> =>
  (await listAudit(readingOf(table), caller, { limit: 100 })).rows.filter((row) => row.outcome === 'refused')

const decisions = async () => (await allItems(table)).filter((item) => item['kind'] === 'decision')

describe('a denied management call', () => {
  it('leaves a row with who, what and why, and its decision under its request id', async () => {
    const helper = await makeCaller(table, organization.admin, { username: 'helper', role: 'User' })
    const { decision } = await ask(`Bearer ${helper.token}`)
    expect(decision).toMatchObject({ allow: false, reason: 'permission_not_granted' })
    expect(await refusals()).toMatchObject([
      {
        action: 'request.refused',
        reason: 'permission_not_granted',
        request: 'DELETE /v1/users/usr_0123456789abcdef',
        targetUserId: 'usr_0123456789abcdef',
        address: origin.address,
        requestId: 'denied-1',
        actor: { kind: 'user', userId: helper.user.userId, username: 'helper' },
      },
    ])
    const reading = {
      now: Date.now,
      readDecision: (organizationId: OrganizationId, id: string) => readDecision(table, organizationId, id),
      readMember: dependenciesOf(table).readMember,
    }
    const kept = await showDecision(reading, organization.admin, 'denied-1')
    expect(kept).toMatchObject({ reason: 'permission_not_granted', decidedBy: 'postern' })
    expect(kept.steps.map(({ check, passed }) => [check, passed])).toEqual([
      ['credential', true],
      ['standing', true],
      ['whitelist', true],
      ['permission', false],
    ])
    const other = await otherOrganization(table)
    expect(await refusalCode(showDecision(reading, other.admin, 'denied-1'))).toBe('not_found')
    expect(await refusals(other.admin)).toEqual([])
    const later = { ...reading, now: () => Date.now() + 24 * 3600 * 1000 }
    expect(await refusalCode(showDecision(later, organization.admin, 'denied-1'))).toBe('not_found')
  })

  it('is put down as claimed when the credential did not hold', async () => {
    const { keyId } = organization.admin.subject.provenBy
    const forged = newSecretOf('token', keyId ?? 'key_', dependenciesOf(table).randomBytes)
    const { decision } = await ask(`Bearer ${forged}`)
    expect(decision).toMatchObject({ allow: false, reason: 'credential_unknown' })
    expect(await refusals()).toMatchObject([
      { reason: 'credential_unknown', actor: { kind: 'claimed', userId: organization.userId, keyId } },
    ])
  })

  it('leaves nothing when it concerns no organization', async () => {
    const before = await allItems(table)
    const stranger = newSecretOf('token', `key_${'0'.repeat(36)}`, dependenciesOf(table).randomBytes)
    await ask(`Bearer ${stranger}`)
    await ask('Bearer nonsense')
    expect(await allItems(table)).toHaveLength(before.length)
  })

  it('cannot fill the table: past the allowance a flood is one row with a count', async () => {
    const helper = await makeCaller(table, organization.admin, { username: 'helper', role: 'User' })
    const notes = notesOn(table)
    for (let index = 0; index < 100; index += 1)
      await ask(`Bearer ${helper.token}`, { requestId: `flood-${index}` }, notes)
    const rows = await refusals()
    const counted = rows.filter((row) => row.action === 'refusals.counted')
    expect(rows).toHaveLength(refusalsNoted.perSource.attempts + 1)
    expect(counted).toHaveLength(1)
    expect(counted[0]?.count).toBeGreaterThanOrEqual(45)
    expect(counted[0]?.count).toBeLessThanOrEqual(90)
    expect(await decisions()).toHaveLength(refusalsNoted.perSource.attempts)
  })

  it('from many addresses is bounded per organization, and does not use up what its users have', async () => {
    const { keyId } = organization.admin.subject.provenBy
    const helper = await makeCaller(table, organization.admin, { username: 'helper', role: 'User' })
    const forged = newSecretOf('token', keyId ?? 'key_', dependenciesOf(table).randomBytes)
    const notes = notesOn(table)
    for (let index = 0; index < 90; index += 1)
      await ask(`Bearer ${forged}`, { address: `198.51.100.${index}`, requestId: `many-${index}` }, notes)
    expect((await refusals()).filter((row) => row.action === 'request.refused')).toHaveLength(
      refusalsNoted.perGroup.attempts,
    )
    await ask(`Bearer ${helper.token}`, { requestId: 'insider' }, notes)
    expect((await refusals()).map((row) => row.requestId)).toContain('insider')
  })

  it('is in the audit, however often its caller met the rate limit before', async () => {
    const helper = await makeCaller(table, organization.admin, { username: 'helper', role: 'User' })
    const notes = notesOn(table)
    const aboveLimit = {
      ...admissionOn(table, notes.onDenied),
      prepareRateLimit: () => Promise.resolve({ ...uncounted, take: () => false }),
    }
    const request = { address: origin.address, method: 'GET', path: '/v1/users/me', aid: null }
    for (let index = 0; index < 3 * refusalsNoted.perSource.attempts; index += 1)
      await admit(aboveLimit, `Bearer ${helper.token}`, {
        ...request,
        target: { kind: 'self', endsSession: false },
        requestId: `limited-${index}`,
      })
    await ask(`Bearer ${helper.token}`, { requestId: 'attempt' }, notes)
    expect((await refusals()).map((row) => row.requestId)).toEqual(['attempt'])
  })

  it('is answered the same when the row cannot be written, or takes for ever', async () => {
    const helper = await makeCaller(table, organization.admin, { username: 'helper', role: 'User' })
    const faults: unknown[] = []
    const failing: Partial<NoteRefusalDependencies> = {
      writeRow: () => Promise.reject(new Error('no table')),
      onFault: (fault) => faults.push(fault),
    }
    const stuck: Partial<NoteRefusalDependencies> = {
      writeRow: () => new Promise(() => undefined),
      onFault: (fault) => faults.push(fault),
      wait,
    }
    for (const fault of [failing, stuck]) {
      const { decision } = await ask(`Bearer ${helper.token}`, {}, notesOn(table, fault))
      expect(decision).toMatchObject({ allow: false, reason: 'permission_not_granted' })
    }
    expect(faults).toEqual([new Error('no table'), new Error('not written within 1000 ms')])
  })
})

describe('an operation that refuses a caller who was let in', () => {
  it('leaves a row with the code of its refusal (U3)', async () => {
    const helper = await makeCaller(table, organization.admin, {
      username: 'helper',
      permissions: { 'postern-users': 'write' },
    })
    const request = { method: 'POST', path: '/v1/users', ...origin }
    await notesOn(table).onRefusedOperation({ caller: helper.caller, code: 'grant_not_held', request })
    expect(await refusals()).toMatchObject([
      { action: 'request.refused', reason: 'grant_not_held', actor: { userId: helper.user.userId } },
    ])
  })
})

describe('a refused login', () => {
  const dependencies = (notes = notesOn(table)): LogInDependencies => ({
    hasher: dependenciesOf(table).hasher,
    ...openLogins(table),
    spendSession: () => Promise.resolve(),
    verifyFactor: verifierOf(table),
    admitGuess: () => Promise.resolve(true),
    write: dependenciesOf(table).write,
    randomBytes: dependenciesOf(table).randomBytes,
    readTargetApi: () => Promise.resolve({ ok: true, audience: null, apiId: null }),
    issueSession: () => Promise.resolve({ text: 'session', sessionId: 'ses_1' }),
    prepareRanges: prepareNoRanges,
    now: Date.now,
    onRefused: (reason, account, { address, requestId }, nameHash) =>
      notes.onRefusedLogin({ reason, account, address, requestId, nameHash }),
  })
  const tryLogin = (username: string, notes = notesOn(table)) =>
    refusalCode(logIn(dependencies(notes), { username, password: 'canary-wrong-password' }, origin))

  it('of a known account has left a row without the password by the time of the answer', async () => {
    expect(await tryLogin('admin')).toBe('invalid_credentials')
    expect(await refusals()).toMatchObject([
      {
        action: 'login.refused',
        reason: 'wrong_password',
        address: origin.address,
        targetUserId: organization.userId,
        actor: { kind: 'claimed', userId: organization.userId, username: 'admin' },
      },
    ])
    expect(JSON.stringify(await allItems(table))).not.toContain('canary')
  })

  it('of an unknown name leaves nothing of what was typed, since it may be a password in the wrong field', async () => {
    expect(await tryLogin('canary-hunter2')).toBe('invalid_credentials')
    expect(await refusals()).toEqual([])
    const items = await allItems(table)
    expect(JSON.stringify(items)).not.toContain('canary')
    const [row, ...others] = items.filter((item) => item['action'] === 'login.refused')
    expect(others).toEqual([])
    expect(row).toMatchObject({ organizationId: 'org_nobody', targetUserId: 'usr_nobody' })
    expect(Number(row?.['expiresAtSeconds']) * 1000 - Date.now()).toBeLessThanOrEqual(86_400_000)
  })

  it('by a second factor is in the audit of the home as well, which has the factors, and a wrong password is not', async () => {
    const { user } = organization.admin.snapshot
    const host = { ...organization.admin.snapshot.organization, organizationId: 'org_host000000' as const }
    const refused = (reason: string) =>
      notesOn(table).onRefusedLogin({
        reason,
        account: { user, organization: host },
        ...origin,
        nameHash: 'hash',
      })
    const rows = async () =>
      (await allItems(table))
        .filter((item) => item['action'] === 'login.refused')
        .map(({ organizationId, reason }) => `${String(organizationId)} ${String(reason)}`)
        .toSorted()
    await refused('wrong_password')
    expect(await rows()).toEqual([`${host.organizationId} wrong_password`])
    for (const reason of ['wrong_second_factor', 'second_factor_missing']) await refused(reason)
    expect(await rows()).toEqual(
      [
        `${host.organizationId} wrong_password`,
        ...[host.organizationId, user.homeOrganizationId].flatMap((id) => [
          `${id} second_factor_missing`,
          `${id} wrong_second_factor`,
        ]),
      ].toSorted(),
    )
    expect(await refusals()).toMatchObject([{ targetUserId: user.userId }, { targetUserId: user.userId }])
    expect(JSON.stringify(await refusals())).not.toContain(host.organizationId)
  })

  it.each([
    ['admin', 'with an account'],
    ['unknown', 'without one'],
  ])('waits for its row, %s: %s', async (username) => {
    const { promise: written, resolve: finish } = Promise.withResolvers<void>()
    let isAnswered = false
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const notes = notesOn(table, {
      // As if time stood still until the row is written.
      wait: (milliseconds) => (milliseconds > 100 ? new Promise(() => undefined) : Promise.resolve()),
      writeRow: () => {
        begin()
        return written
      },
    })
    const answer = tryLogin(username, notes).then(() => {
      isAnswered = true
    })
    await begun
    await new Promise((resolve) => setImmediate(resolve))
    expect(isAnswered).toBe(false)
    finish()
    await answer
  })

  it('L1: asks the same of the table with an account and without, also when the address has used up its rows', async () => {
    const sent: string[] = []
    table.client.middlewareStack.add(
      (next, context) => (args) => {
        sent.push(context.commandName ?? 'unknown')
        return next(args)
      },
      { step: 'initialize', name: 'count' },
    )
    const callsOf = async (username: string, notes = notesOn(table)) => {
      sent.length = 0
      await tryLogin(username, notes)
      return [...sent]
    }
    const known = await callsOf('admin')
    expect(known.length).toBeGreaterThan(3)
    expect(await callsOf('unknown')).toEqual(known)
    for (let index = 1; index < refusalsNoted.perSource.attempts; index += 1)
      expect(await callsOf('unknown')).toEqual(await callsOf('admin'))
    const beyond = await callsOf('admin')
    expect(await callsOf('unknown')).toEqual(beyond)
    const rows = (await refusals()).filter(({ action }) => action === 'login.refused')
    expect(rows).toHaveLength(refusalsNoted.perSource.attempts)
  })

  it('is in the audit whatever else its address asked for: made-up names keep no guess at an account out', async () => {
    const notes = notesOn(table)
    for (let index = 0; index < 2 * refusalsNoted.perSource.attempts; index += 1)
      await tryLogin(`canary-${index}`, notes)
    await tryLogin('admin', notes)
    expect(await refusals()).toMatchObject([
      { action: 'login.refused', actor: { userId: organization.userId } },
    ])
    expect(JSON.stringify(await allItems(table))).not.toContain('canary')
  })

  it('counts all spellings of its name together', async () => {
    const notes = notesOn(table)
    for (let index = 0; index <= refusalsNoted.perSource.attempts; index += 1)
      await tryLogin(index % 2 === 0 ? 'admin' : 'ADMIN', notes)
    const rows = (await refusals()).filter(({ action }) => action === 'login.refused')
    expect(rows).toHaveLength(refusalsNoted.perSource.attempts)
  })
})

describe('canary secrets (F5)', () => {
  it('are in no row and no decision, wherever they were sent', async () => {
    const random = dependenciesOf(table).randomBytes
    const helper = await makeCaller(table, organization.admin, {
      username: 'helper',
      role: 'User',
      password: 'canary-password-1',
    })
    const key = await createCredential(
      { ...dependenciesOf(table), readCredentials: (userId) => readCredentials(table, userId) },
      organization.admin,
      helper.user.userId,
      { name: 'key', kind: 'key' },
      origin,
    )
    const session = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"canary"}').toString('base64url')}.c2ln`
    const forged = newSecretOf('token', helper.caller.subject.provenBy.keyId ?? 'key_', random)
    const basic = Buffer.from(`helper:${forged}`).toString('base64')
    await ask(`Bearer ${helper.token}`, { path: `/v1/users/${helper.token}`, requestId: 'c1' })
    await ask(`Bearer ${forged}`, { path: `/v1/users/${session}`, requestId: 'c2' })
    await ask(`Basic ${basic}`, { requestId: 'c3' })
    await ask(`Bearer ${helper.token}`, { path: `/v1/keys/${key.secret ?? ''}`, requestId: 'c4' })
    await createUser(
      dependenciesOf(table),
      organization.admin,
      { username: 'another', password: 'canary-password-2', generate: 'key' },
      origin,
    )
    expect(await decisions()).toHaveLength(4)
    const stored = JSON.stringify(await allItems(table))
    for (const canary of [helper.token, forged, basic, session, key.secret, 'canary-password']) {
      expect(canary).toBeTruthy()
      expect(stored.includes(canary ?? '')).toBe(false)
    }
  })
})
