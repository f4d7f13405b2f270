import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admit } from '../../lib/admission/admit.ts'
import type { NewCredential } from '../../lib/credentials/credential-shape.ts'
import { noteUse, readCredentials } from '../../lib/credentials/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  listCredentials,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { maximumCredentials } from '../../lib/credentials/new-credential.ts'
import type { CredentialKind, KeyId, UserId } from '../../lib/secrets/key-id.ts'
import { credentialKinds } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import type { Key } from '../../lib/table/keys.ts'
import { keys } from '../../lib/table/keys.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import {
  callersOf,
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'
import { wrongCounts } from '../users/true-counts.ts'
import { firstUse } from './first-use.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>

beforeAll(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
})
// Every credential that was made, rotated or deleted is counted, and so are the administrators who can get in.
afterAll(async () => expect(await wrongCounts(table)).toEqual([]))

const dependencies = () => dependenciesOf(table)
const user = async (username: string) =>
  (await makeCaller(table, organization.admin, { username })).user.userId
const token = (userId: UserId, fields = {}) =>
  createCredential(
    dependencies(),
    organization.admin,
    userId,
    { name: 't', kind: 'token', ...fields },
    origin,
  )

/** How each kind is presented. */
const presentedAs: Readonly<Record<CredentialKind, (made: NewCredential) => string>> = {
  key: ({ keyId, secret = '' }) => `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`,
  token: ({ token: text = '' }) => `Bearer ${text}`,
}

describe('credentials', () => {
  it.each(credentialKinds)('of the kind %s are admitted as soon as they are made', async (kind) => {
    const userId = await user(`holder-of-a-${kind}`)
    const body = { name: kind, kind }
    const made = await createCredential(dependencies(), organization.admin, userId, body, origin)
    const { admitted } = await admit(callersOf(table), presentedAs[kind](made), {
      address: origin.address,
      method: 'GET',
      path: '/v1/users/me',
      aid: null,
      target: { kind: 'self', endsSession: false },
    })
    expect(admitted?.subject).toMatchObject({ userId, provenBy: { kind, keyId: made.keyId } })
  })

  it('shows a secret once and never lists it', async () => {
    const userId = await user('once')
    const made = await token(userId)
    const listed = await listCredentials(dependencies(), organization.admin, userId)
    expect(made.token).toMatch(/^pst_[0-9a-z]{36}_[0-9A-Za-z]{49}$/)
    expect(listed).toHaveLength(2)
    expect(Object.keys(listed[0] ?? {}).sort()).toEqual([
      'createdAt',
      'expiresAt',
      'keyId',
      'kind',
      'lastUsedAt',
      'name',
      'status',
    ])
  })

  it('notes the first use, and ends with the deletion at once (T4)', async () => {
    const userId = await user('used')
    const made = await token(userId)
    await callerWith(table, made.token ?? '')
    const [stored] = (await readCredentials(table, userId)).filter(
      (credential) => credential.keyId === made.keyId,
    )
    expect(stored?.lastUsedAt).not.toBeNull()
    await deleteCredential(dependencies(), organization.admin, { userId, keyId: made.keyId }, origin)
    await expect(callerWith(table, made.token ?? '')).rejects.toThrow('credential_unknown')
  })

  it('keeps the old one alive for the overlap, never beyond its own expiry', async () => {
    const userId = await user('rotated')
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const old = await token(userId, { expiresAt })
    const fresh = await rotateCredential(
      dependencies(),
      organization.admin,
      { userId, keyId: old.keyId },
      { overlapSeconds: 3600 },
      origin,
    )
    const [stored] = (await readCredentials(table, userId)).filter(
      (credential) => credential.keyId === old.keyId,
    )
    expect(stored?.expiresAt).toBe(expiresAt)
    await expect(callerWith(table, old.token ?? '')).resolves.toBeDefined()
    await expect(callerWith(table, fresh.token ?? '')).resolves.toBeDefined()
  })

  describe('a rotation', () => {
    const day = 86_400_000
    const start = Date.parse('2026-11-21T12:00:00.000Z')
    const instant = (days: number) => new Date(start + days * day).toISOString()
    const at = (days: number) => ({ ...dependencies(), now: () => start + days * day })
    const make = async (username: string, expiresAt: string | null) => {
      const userId = await user(username)
      const body = { name: 't', kind: 'token', expiresAt } as const
      return { userId, made: await createCredential(at(0), organization.admin, userId, body, origin) }
    }
    const rotateOn = (days: number, userId: UserId, keyId: KeyId, body = {}) =>
      rotateCredential(at(days), organization.admin, { userId, keyId }, body, origin)

    it('gives the new one as long a life as the old one was made for, counted from now', async () => {
      const { userId, made } = await make('quarterly', instant(90))
      const second = await rotateOn(80, userId, made.keyId)
      expect(second.expiresAt).toBe(instant(170))
      expect((await rotateOn(165, userId, second.keyId)).expiresAt).toBe(instant(255))
    })

    it('gives the whole life also to the successor of one that is in an overlap or has ended', async () => {
      const { userId, made } = await make('twice', instant(90))
      await rotateOn(10, userId, made.keyId, { overlapSeconds: 3600 })
      expect((await rotateOn(10, userId, made.keyId)).expiresAt).toBe(instant(100))
      expect((await rotateOn(400, userId, made.keyId)).expiresAt).toBe(instant(490))
    })

    it('leaves without an expiry what had none, an earlier overlap notwithstanding', async () => {
      const { userId, made } = await make('forever', null)
      expect((await rotateOn(1, userId, made.keyId)).expiresAt).toBeNull()
      expect((await rotateOn(2, userId, made.keyId)).expiresAt).toBeNull()
    })

    it('takes an expiry that is given, and null as never', async () => {
      const { userId, made } = await make('chosen', instant(90))
      const chosen = await rotateOn(1, userId, made.keyId, { expiresAt: instant(7) })
      expect(chosen.expiresAt).toBe(instant(7))
      expect((await rotateOn(2, userId, chosen.keyId, { expiresAt: null })).expiresAt).toBeNull()
      expect(await refusalCode(rotateOn(3, userId, made.keyId, { expiresAt: instant(2) }))).toBe(
        'invalid_request',
      )
    })

    const overtakenBy = (end: (keyId: KeyId, userId: UserId) => Promise<unknown>) => {
      let isFirst = true
      return async (userId: UserId, keyId: KeyId) =>
        await rotateCredential(
          {
            ...at(0),
            readCredentials: async (owner) => {
              const read = await readCredentials(table, owner)
              if (isFirst) {
                isFirst = false
                await end(keyId, userId)
              }
              return read
            },
          },
          organization.admin,
          { userId, keyId },
          {},
          origin,
        )
    }
    const endOf = async (userId: UserId, keyId: KeyId) =>
      (await readCredentials(table, userId)).find((credential) => credential.keyId === keyId)?.expiresAt

    it('is not_found, and makes nothing, when the old one is deleted after it read it', async () => {
      const { userId, made } = await make('overtaken-by-deletion', null)
      const rotate = overtakenBy((keyId) =>
        deleteCredential(dependencies(), organization.admin, { userId, keyId }, origin),
      )
      expect(await refusalCode(rotate(userId, made.keyId))).toBe('not_found')
      expect((await readCredentials(table, userId)).map(({ name }) => name)).toEqual(['default'])
    })

    it('leaves the earliest end of all standing, however many race', async () => {
      const { userId, made } = await make('raced', null)
      const overlaps = [3600, 0, 7200, 60, 1800, 5]
      const codes = await Promise.all(
        overlaps.map((overlapSeconds) => refusalCode(rotateOn(0, userId, made.keyId, { overlapSeconds }))),
      )
      expect(codes).toEqual(overlaps.map(() => 'ok'))
      expect(await endOf(userId, made.keyId)).toBe(instant(0))
    })

    it('never gives a date that cannot be written', async () => {
      const { userId, made } = await make('ages', '9999-12-31T00:00:00Z')
      expect((await rotateOn(10, userId, made.keyId)).expiresAt).toBe('9999-12-31T23:59:59.999Z')
    })
  })

  it('ends the old one with the first use of the new one, when asked to', async () => {
    const userId = await user('first-use')
    const old = await token(userId)
    const target = { userId, keyId: old.keyId }
    const fresh = await rotateCredential(
      dependencies(),
      organization.admin,
      target,
      { endOldOnFirstUse: true },
      origin,
    )
    await expect(callerWith(table, old.token ?? '')).resolves.toBeDefined()
    await callerWith(table, fresh.token ?? '')
    await expect(callerWith(table, old.token ?? '')).rejects.toThrow('credential_expired')
  })

  describe('a use', () => {
    const stored = async (userId: UserId, keyId: KeyId) =>
      (await readCredentials(table, userId)).find((credential) => credential.keyId === keyId)
    const rotated = async (username: string) => {
      const userId = await user(username)
      const old = await token(userId)
      const target = { userId, keyId: old.keyId }
      const fresh = await rotateCredential(
        dependencies(),
        organization.admin,
        target,
        { endOldOnFirstUse: true },
        origin,
      )
      const successor = await stored(userId, fresh.keyId)
      if (successor === undefined) throw new Error('it was made')
      return { target, successor, end: async () => (await stored(userId, old.keyId))?.expiresAt }
    }
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

    it('brings neither the credential nor the one before it back when both were deleted meanwhile', async () => {
      const { target, successor } = await rotated('used-and-deleted')
      const { userId } = target
      for (const { keyId } of [target, successor])
        await deleteCredential(dependencies(), organization.admin, { userId, keyId }, origin)
      await noteUse(table, firstUse(successor), inHours(0))
      expect((await readCredentials(table, userId)).map(({ name }) => name)).toEqual(['default'])
    })

    it('ends the one before it when it is the first, and no later one does', async () => {
      const { successor, end } = await rotated('first-and-later')
      const overlap = await end()
      await noteUse(table, firstUse({ ...successor, lastUsedAt: inHours(-1) }), inHours(1))
      expect(await end()).toBe(overlap)
      const used = inHours(2)
      await noteUse(table, firstUse(successor), used)
      expect(await end()).toBe(used)
    })

    it('ends the one before it whatever else cannot be noted, and with the next use if that cannot', async () => {
      const { target, successor, end } = await rotated('throttled')
      const { userId } = target
      const refusing = (refused: Key): Table => ({
        ...table,
        client: {
          ...table.client,
          send: async (command: { input: { Key?: Key } }) => {
            const { pk, sk } = command.input.Key ?? { pk: '', sk: '' }
            if (pk === refused.pk && sk === refused.sk) throw new Error('throttled')
            return table.client.send(command as never)
          },
        } as never,
      })
      const use = firstUse(successor)
      await expect(
        noteUse(refusing(keys.credential(userId, target.keyId)), use, inHours(1)),
      ).rejects.toThrow()
      expect((await stored(userId, successor.keyId))?.lastUsedAt).toBeNull()
      const used = inHours(2)
      await expect(noteUse(refusing(keys.user(userId)), use, used)).rejects.toThrow('throttled')
      expect(await end()).toBe(used)
    })

    it('is a use of its user, noted once in an hour for all its credentials, and no change of the user', async () => {
      const { successor } = await rotated('busy')
      const { userId } = successor
      const read = async () => {
        const member = await dependencies().readMember(userId, organization.organizationId)
        if (member === undefined) throw new Error('the user is there')
        return member.user
      }
      const before = await read()
      const first = inHours(1)
      await noteUse(table, firstUse(successor), first)
      expect(await read()).toEqual({ ...before, lastUsedAt: first })
      const another = { credential: { ...successor, lastUsedAt: null }, user: await read() }
      await noteUse(table, another, inHours(1.9))
      expect(await read()).toMatchObject({ lastUsedAt: first })
      const later = inHours(2.1)
      await noteUse(table, another, later)
      expect(await read()).toMatchObject({ lastUsedAt: later })
    })

    it('says so when the table cannot note it', async () => {
      const { successor } = await rotated('not-noted')
      const gone = { ...table, tableName: 'there-is-no-such-table' }
      await expect(noteUse(gone, firstUse(successor), inHours(0))).rejects.toThrow('non-existent table')
    })

    it('leaves an end that is earlier as it is', async () => {
      const { target, successor, end } = await rotated('ended-before')
      await rotateCredential(dependencies(), organization.admin, target, { overlapSeconds: 60 }, origin)
      const earlier = await end()
      await noteUse(table, firstUse(successor), inHours(1))
      expect(await end()).toBe(earlier)
    })
  })

  it('is rotated under its name and with a day to change over, unless told otherwise', async () => {
    const userId = await user('default-rotation')
    const { keyId } = await token(userId)
    const now = Date.now()
    const at = { ...dependencies(), now: () => now }
    const made = await rotateCredential(at, organization.admin, { userId, keyId }, {}, origin)
    expect(made).toMatchObject({ name: 't', replacedExpiresAt: new Date(now + 86_400_000).toISOString() })
    const named = { name: 'production' }
    const next = { userId, keyId: made.keyId }
    expect(await rotateCredential(at, organization.admin, next, named, origin)).toMatchObject(named)
    const asked = { name: 'partner', kind: 'key', expiresAt: null } as const
    const key = await createCredential(at, organization.admin, userId, asked, origin)
    const successor = await rotateCredential(at, organization.admin, { userId, keyId: key.keyId }, {}, origin)
    expect([made.kind, successor.kind]).toEqual(['token', 'key'])
  })

  it('never lets racers make more credentials than a user may have', async () => {
    const userId = await user('hoarder')
    const attempts = await Promise.all(
      Array.from({ length: maximumCredentials + 10 }, () => refusalCode(token(userId))),
    )
    expect(attempts.filter((code) => code === 'ok').length).toBeLessThanOrEqual(maximumCredentials - 1)
    const stored = (await allItems(table)).filter(
      (item) => item['kind'] === 'credential' && item['userId'] === userId,
    )
    expect(stored.length).toBeLessThanOrEqual(maximumCredentials)
    expect(stored.length).toBe(1 + attempts.filter((code) => code === 'ok').length)
  })

  it('refuses an expiry in the past and a key of another user', async () => {
    const userId = await user('past')
    expect(await refusalCode(token(userId, { expiresAt: '2020-01-01T00:00:00Z' }))).toBe('invalid_request')
    const stranger = await token(await user('stranger'))
    expect(
      await refusalCode(
        deleteCredential(dependencies(), organization.admin, { userId, keyId: stranger.keyId }, origin),
      ),
    ).toBe('not_found')
  })

  it('refuses to make a key for somebody who may do more than the caller (U3)', async () => {
    const maker = await makeCaller(table, organization.admin, {
      username: 'key-maker',
      permissions: { 'postern-credentials': 'write' },
    })
    const caller = await callerWith(table, maker.token, 'postern-credentials')
    const attempt = createCredential(
      dependencies(),
      caller,
      organization.userId,
      { name: 'x', kind: 'key' },
      origin,
    )
    expect(await refusalCode(attempt)).toBe('grant_not_held')
  })
})
