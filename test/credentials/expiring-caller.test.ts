import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { changeCredential } from '../../lib/credentials/change-credential.ts'
import { readCredentials } from '../../lib/credentials/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
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
/** The user, by a token that ends in an hour. */
let brief: Caller

const hour = 3_600_000
const start = Date.now()
const inHours = (hours: number) => new Date(start + hours * hour).toISOString()

beforeEach(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
  const made = await makeCaller(table, organization.admin, {
    username: 'partner',
    permissions: { 'postern-credentials': 'write' },
  })
  userId = made.user.userId
  const { token } = await create(organization.admin, inHours(1))
  brief = await callerWith(table, token ?? '', 'postern-credentials')
})

const dependencies = () => dependenciesOf(table)
const create = (by: Caller, expiresAt: string | null | undefined, of = userId) =>
  createCredential(dependencies(), by, of, { name: 't', kind: 'token', expiresAt }, origin)
const importOne = (by: Caller, expiresAt: string | null | undefined) => {
  const hash = randomBytes(32).toString('hex')
  return importCredential(dependencies(), by, userId, { name: 't', kind: 'token', hash, expiresAt }, origin)
}
const rotate = (by: Caller, keyId: KeyId, body = {}) =>
  rotateCredential(dependencies(), by, { userId, keyId }, body, origin)
const ownKey = () => brief.subject.provenBy.keyId ?? 'key_'

describe('a credential that expires', () => {
  it.each([
    ['makes', create],
    ['imports', importOne],
  ])('%s none for its user that outlives it', async (_name, make) => {
    const before = await allItems(table)
    for (const expiresAt of [null, inHours(1.01), '9999-12-31T23:59:59Z'])
      expect(await refusalCode(make(brief, expiresAt))).toBe('invalid_request')
    expect(await allItems(table)).toHaveLength(before.length)
    expect((await make(brief, inHours(0.5))).expiresAt).toBe(inHours(0.5))
    // Without a wish, and with a wish to the instant, it ends with its maker.
    expect((await make(brief, undefined)).expiresAt).toBe(inHours(1))
    expect((await make(brief, inHours(1))).expiresAt).toBe(inHours(1))
  })

  it('lets none of its user outlive it, and not itself, but lets any end earlier', async () => {
    const change = (keyId: KeyId, expiresAt: string | null) =>
      changeCredential(dependencies(), brief, { userId, keyId }, { expiresAt }, origin)
    const { keyId: other } = await create(brief, inHours(0.5))
    const { keyId: lasting } = await create(organization.admin, inHours(9))
    for (const expiresAt of [null, inHours(1.01)])
      for (const keyId of [ownKey(), other])
        expect(await refusalCode(change(keyId, expiresAt))).toBe('invalid_request')
    expect((await change(other, inHours(1))).expiresAt).toBe(inHours(1))
    expect((await change(lasting, inHours(8))).expiresAt).toBe(inHours(8))
    expect((await change(ownKey(), inHours(0.9))).expiresAt).toBe(inHours(0.9))
  })

  it('renews itself for as long a life as it was given, and no longer', async () => {
    for (const expiresAt of [null, inHours(2)])
      expect(await refusalCode(rotate(brief, ownKey(), { expiresAt }))).toBe('invalid_request')
    const fresh = await rotate(brief, ownKey())
    const life = Date.parse(fresh.expiresAt ?? '') - Date.parse(fresh.createdAt)
    expect(life).toBeLessThanOrEqual(hour)
    expect(life).toBeGreaterThan(hour - 120_000)
  })

  it('rotates no other credential of its user into one that outlives it, nor takes that one’s life', async () => {
    const lasting = await create(organization.admin, null)
    const long = await create(organization.admin, inHours(1000))
    for (const other of [lasting, long]) {
      const stored = async () =>
        (await readCredentials(table, userId)).find(({ keyId }) => keyId === other.keyId)?.expiresAt
      for (const body of [{}, { expiresAt: null }, { expiresAt: inHours(2) }])
        expect(await refusalCode(rotate(brief, other.keyId, body))).toBe('invalid_request')
      expect(await stored()).toBe(other.expiresAt)
      expect((await rotate(brief, other.keyId, { expiresAt: inHours(1) })).expiresAt).toBe(inHours(1))
    }
  })

  it('gains nothing in several steps: the end of the first bounds the last', async () => {
    let caller = brief
    for (let step = 0; step < 3; step += 1) {
      const { token, expiresAt } = await create(caller, undefined)
      expect(Date.parse(expiresAt ?? '')).toBeLessThanOrEqual(Date.parse(inHours(1)))
      caller = await callerWith(table, token ?? '', 'postern-credentials')
    }
    // A renewal of one that was made so lives no longer than that one was given.
    const own = caller.subject.provenBy.keyId ?? 'key_'
    const renewed = await rotate(caller, own)
    expect(Date.parse(renewed.expiresAt ?? '') - Date.now()).toBeLessThanOrEqual(hour)
  })

  it('bounds a session that it opened alike', async () => {
    const session: Caller = {
      ...brief,
      subject: {
        ...brief.subject,
        provenBy: { ...brief.subject.provenBy, kind: 'session', sessionId: 'ses_1' },
      },
    }
    expect(await refusalCode(create(session, null))).toBe('invalid_request')
    expect(await refusalCode(importOne(session, null))).toBe('invalid_request')
    expect((await create(session, undefined)).expiresAt).toBe(inHours(1))
  })

  it('revokes itself and every other of its user', async () => {
    const lasting = await create(organization.admin, null)
    for (const keyId of [lasting.keyId, ownKey()])
      await deleteCredential(dependencies(), brief, { userId, keyId }, origin)
    expect((await readCredentials(table, userId)).map(({ name }) => name)).toEqual(['default'])
  })
})

describe('an expiry', () => {
  it.each([
    ['of the year 10000 through its offset', '9999-12-31T23:59:59-01:00'],
    ['in the past', '2020-01-01T00:00:00Z'],
  ])('%s is refused wherever one can be given', async (_name, expiresAt) => {
    const { keyId } = await create(organization.admin, null)
    for (const attempt of [
      () => create(organization.admin, expiresAt),
      () => importOne(organization.admin, expiresAt),
      () => rotate(organization.admin, keyId, { expiresAt }),
    ])
      expect(await refusalCode(attempt())).toBe('invalid_request')
  })

  it('at the last instant that can be written is kept, also through a rotation', async () => {
    const last = '9999-12-31T23:59:59.999Z'
    const made = await create(organization.admin, last)
    expect(made.expiresAt).toBe(last)
    const later = { ...dependencies(), now: () => Date.now() + 1000 * hour }
    const fresh = await rotateCredential(later, organization.admin, { userId, keyId: made.keyId }, {}, origin)
    expect(fresh.expiresAt).toBe(last)
    await expect(callerWith(table, fresh.token ?? '')).resolves.toBeDefined()
  })
})
