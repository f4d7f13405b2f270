import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { readCredentials } from '../../lib/credentials/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import {
  createOwnCredential,
  listOwnCredentials,
  rotateOwnCredential,
} from '../../lib/credentials/own-credentials.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { changeOrganization } from '../../lib/organizations/change-organization.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
import { newUserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import {
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>
let userId: UserId
let token: string
/** A user who manages nothing. */
let partner: Caller

beforeEach(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
  const made = await makeCaller(table, organization.admin, {
    username: 'partner',
    endpoints: ['GET /orders'],
  })
  userId = made.user.userId
  token = made.token
  partner = made.caller
})

const day = 86_400_000
const dependencies = () => dependenciesOf(table)
const at = (milliseconds: number) => ({ ...dependencies(), now: () => milliseconds })
const allow = async (selfServiceKeys: 'none' | 'rotate' | 'all') => {
  await changeOrganization(
    dependencies(),
    await callerWith(table, organization.token),
    { selfServiceKeys },
    origin,
  )
  partner = await callerWith(table, token)
}
const create = (caller: Caller, body = {}) =>
  createOwnCredential(dependencies(), caller, { name: 'mine', kind: 'token', ...body }, origin)
const rotate = (caller: Caller, keyId: KeyId, body = {}) =>
  rotateOwnCredential(dependencies(), caller, keyId, body, origin)
const given = (expiresAt: string | null = null) =>
  createCredential(
    dependencies(),
    organization.admin,
    userId,
    { name: 'given', kind: 'token', expiresAt },
    origin,
  )
const refusal = async (deed: () => unknown): Promise<readonly [string, string | undefined]> => {
  try {
    await deed()
  } catch (error) {
    if (error instanceof DomainError) return [error.code, error.detail]
    throw error
  }
  return ['ok', undefined]
}
const stored = async (keyId: KeyId) =>
  (await readCredentials(table, userId)).find((credential) => credential.keyId === keyId)

it('no user is ever named me, which stands for the caller in paths', () => {
  for (let index = 0; index < 1000; index += 1) expect(newUserId(randomBytes)).toMatch(/^usr_[0-9a-z]{16}$/)
  const taken = endpoints.filter(({ path }) => path.startsWith('/v1/users/me/keys'))
  expect(taken.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
    'DELETE /v1/users/me/keys/{keyId}',
    'GET /v1/users/me/keys',
    'POST /v1/users/me/keys',
    'POST /v1/users/me/keys/{keyId}/rotate',
  ])
})

describe('keys of one’s own', () => {
  it('are seen and revoked without any right, whatever the organization says', async () => {
    await allow('none')
    const { keyId } = await given()
    const listed = await listOwnCredentials(dependencies(), partner)
    expect(listed.map(({ name }) => name)).toEqual(['given', 'default'])
    expect(JSON.stringify(listed)).not.toMatch(/secret|pst_/)
    await deleteCredential(dependencies(), partner, { userId, keyId }, origin)
    expect((await listOwnCredentials(dependencies(), partner)).map(({ name }) => name)).toEqual(['default'])
  })

  it('are rotated by default, but not made; and neither when the organization says so, with the reason', async () => {
    const before = (await allItems(table)).length
    expect(await refusal(() => create(partner))).toEqual([
      'self_service_off',
      expect.stringContaining('make their own keys and tokens'),
    ])
    const own = partner.subject.provenBy.keyId ?? 'key_'
    const fresh = await rotate(partner, own)
    expect(fresh).toMatchObject({ replaces: own, name: 'default', kind: 'token' })
    await expect(callerWith(table, fresh.token ?? '')).resolves.toMatchObject({ subject: { userId } })
    await allow('none')
    expect(await refusal(() => rotate(partner, fresh.keyId))).toEqual([
      'self_service_off',
      expect.stringContaining('rotate their own keys and tokens'),
    ])
    // The new one, and the audit of the two and of the setting.
    expect((await allItems(table)).length).toBe(before + 4)
  })

  it('are made where the organization allows all, and can do what their user can', async () => {
    await allow('all')
    const made = await create(partner)
    const { subject } = await callerWith(table, made.token ?? '')
    expect(subject.userId).toBe(userId)
    expect(made.expiresAt).toBeNull()
    const rows = (await allItems(table)).filter(({ action }) => action === 'credential.created')
    expect(rows.find(({ targetId }) => targetId === made.keyId)).toMatchObject({
      actor: { userId },
      targetUserId: userId,
    })
  })

  it('end with the credential that makes them, when that one expires', async () => {
    await allow('all')
    const end = new Date(Date.now() + 3_600_000).toISOString()
    const brief = await callerWith(table, (await given(end)).token ?? '')
    for (const expiresAt of [null, '9999-12-31T23:59:59Z'])
      expect(await refusalCode(create(brief, { expiresAt }))).toBe('invalid_request')
    expect((await create(brief)).expiresAt).toBe(end)
    const lasting = await given()
    expect(await refusalCode(rotate(brief, lasting.keyId))).toBe('invalid_request')
  })

  it('say what they replace, until when that one works, and by what they are replaced', async () => {
    const own = partner.subject.provenBy.keyId ?? 'key_'
    const fresh = await rotate(partner, own, { overlapSeconds: 3600 })
    expect(Date.parse(fresh.replacedExpiresAt ?? '')).toBeGreaterThan(Date.now() + 3_500_000)
    const [second, first] = await listOwnCredentials(dependencies(), partner)
    expect(second).toMatchObject({
      keyId: fresh.keyId,
      replaces: own,
      replacedExpiresAt: fresh.replacedExpiresAt,
    })
    expect(first).toMatchObject({ keyId: own, replacedBy: fresh.keyId, expiresAt: fresh.replacedExpiresAt })
    await deleteCredential(dependencies(), partner, { userId, keyId: own }, origin)
    const [left] = await listOwnCredentials(dependencies(), partner)
    expect(left).toMatchObject({ replaces: own })
    expect(left).not.toHaveProperty('replacedExpiresAt')
  })

  it('stay as many as they were where users only rotate, also when forty rotate one at once', async () => {
    const own = partner.subject.provenBy.keyId ?? 'key_'
    const codes = await Promise.all(Array.from({ length: 40 }, () => refusalCode(rotate(partner, own))))
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1)
    expect(new Set(codes)).toEqual(new Set(['ok', 'in_use']))
    // Whoever lost the answer revokes the new one and rotates again.
    const successor = (await stored(own))?.replacedBy ?? 'key_'
    expect(await refusal(() => rotate(partner, own))).toEqual(['in_use', expect.stringContaining(successor)])
    await deleteCredential(dependencies(), partner, { userId, keyId: successor }, origin)
    expect(await refusalCode(rotate(partner, own))).toBe('ok')
  })

  it('stay one, also when forty rotate one at once that ends before the overlap does', async () => {
    const brief = await given(new Date(Date.now() + 3_600_000).toISOString())
    const codes = await Promise.all(
      Array.from({ length: 40 }, () => refusalCode(rotate(partner, brief.keyId))),
    )
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1)
  })

  it('stay one, also when those in the middle of a line are revoked and what came before is rotated again', async () => {
    const first = await given()
    const second = await rotate(partner, first.keyId)
    const third = await rotate(partner, second.keyId)
    const fourth = await rotate(partner, third.keyId)
    for (const { keyId } of [second, third]) {
      await deleteCredential(dependencies(), partner, { userId, keyId }, origin)
      expect(await refusal(() => rotate(partner, first.keyId))).toEqual([
        'in_use',
        expect.stringContaining(fourth.keyId),
      ])
    }
    // Of several that lost their successor one is rotated, and it counts for all of them.
    const fifth = await rotate(partner, fourth.keyId)
    await deleteCredential(dependencies(), partner, { userId, keyId: fifth.keyId }, origin)
    const codes = await Promise.all([first, fourth].map(({ keyId }) => refusalCode(rotate(partner, keyId))))
    expect(codes.toSorted()).toEqual(['in_use', 'ok'])
  })

  it('do not outlive their end by renewing themselves beside what replaced them', async () => {
    await allow('all')
    const fresh = await rotate(partner, partner.subject.provenBy.keyId ?? 'key_')
    const late = await callerWith(table, token)
    const own = late.subject.provenBy.keyId ?? 'key_'
    expect(await refusalCode(rotate(late, own))).toBe('invalid_request')
    expect(await refusalCode(rotate(late, fresh.keyId))).toBe('invalid_request')
    // Whoever lost the new one revokes it first.
    await deleteCredential(dependencies(), late, { userId, keyId: fresh.keyId }, origin)
    expect((await rotate(late, own)).expiresAt).toBeNull()
  })

  it('live no longer for a rotation than they were made for, and not again after their end', async () => {
    const now = Date.now()
    const made = await given(new Date(now + 30 * day).toISOString())
    for (const expiresAt of [null, new Date(now + 31 * day).toISOString()])
      expect(await refusalCode(rotate(partner, made.keyId, { expiresAt }))).toBe('invalid_request')
    const late = rotateOwnCredential(at(now + 31 * day), partner, made.keyId, {}, origin)
    expect(await refusal(() => late)).toEqual(['self_service_off', expect.stringContaining('has expired')])
    const fresh = await rotate(partner, made.keyId)
    expect(Date.parse(fresh.expiresAt ?? '')).toBeLessThanOrEqual(Date.now() + 30 * day)
    // An administrator is not bound by it.
    const target = { userId, keyId: fresh.keyId }
    const again = await rotateCredential(
      dependencies(),
      organization.admin,
      target,
      { expiresAt: null },
      origin,
    )
    expect(again.expiresAt).toBeNull()
  })

  it('are nobody else’s: a key of another user is not found', async () => {
    await allow('all')
    const other = await makeCaller(table, organization.admin, { username: 'other' })
    expect(await refusalCode(rotate(partner, other.caller.subject.provenBy.keyId ?? 'key_'))).toBe(
      'not_found',
    )
  })

  it('are the home’s: a guest sees them, and makes and rotates none from elsewhere', async () => {
    await allow('all')
    const body = { name: 'Second', administrator: { username: 'second-admin' } }
    const second = await createOrganization(dependencies(), organization.admin, body, origin)
    const elsewhere = await callerWith(table, second.credential.token ?? '')
    const asGuest: Caller = {
      ...partner,
      snapshot: { ...partner.snapshot, organization: elsewhere.snapshot.organization },
    }
    expect(await listOwnCredentials(dependencies(), asGuest)).toHaveLength(1)
    expect(await refusal(() => create(asGuest))).toEqual(['guest_not_editable', undefined])
    expect(await refusal(() => rotate(asGuest, partner.subject.provenBy.keyId ?? 'key_'))).toEqual([
      'guest_not_editable',
      undefined,
    ])
  })
})
