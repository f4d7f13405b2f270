import { describe, expect, it } from 'vitest'
import {
  allowedExpiry,
  futureExpiry,
  ownExpiry,
  requireNoLonger,
} from '../../lib/credentials/allowed-expiry.ts'
import { inheritedExpiry, latestExpiry } from '../../lib/credentials/lifetime.ts'
import { credentialItem } from '../../lib/credentials/new-credential.ts'
import { earlierInChain, endWrites, rotationOf } from '../../lib/credentials/rotation.ts'
import type { StoredCredential } from '../../lib/identity/stored-credential.ts'
import type { SecretHash } from '../../lib/secrets/secret-hash.ts'
import { keys } from '../../lib/table/keys.ts'

const now = Date.parse('2026-11-21T12:00:00.000Z')
const day = 86_400_000
const inDays = (days: number): string => new Date(now + days * day).toISOString()
const owner = { organizationId: 'org_abcdefghij' as const, userId: 'usr_0123456789abcdef' as const }
const secretHash = 'a'.repeat(64) as SecretHash

/** A key of that user that never ends. */
const credential = (changed: Partial<StoredCredential> = {}): StoredCredential => ({
  ...credentialItem(
    owner,
    'key_1',
    { kind: 'key', name: 'production', expiresAt: null, endsOnFirstUse: null },
    secretHash,
    inDays(-10),
  ),
  ...changed,
})

describe('the end that is wished for a credential', () => {
  it('is never, or a time in the future, written in UTC', () => {
    expect(futureExpiry(null, now)).toBeNull()
    expect(futureExpiry('2026-11-21T13:00:00.001+01:00', now)).toBe('2026-11-21T12:00:00.001Z')
    expect(futureExpiry('9999-12-31T23:59:59.999Z', now)).toBe('9999-12-31T23:59:59.999Z')
  })

  it.each([
    ['2026-11-21T12:00:00.000Z', 'must be in the future'],
    ['9999-12-31T23:59:59.999-01:00', 'must be before the year 10000 in UTC'],
  ])('is not %s: it %s', (expiresAt, message) => {
    expect(() => futureExpiry(expiresAt, now)).toThrow(
      expect.objectContaining({ code: 'invalid_request', errors: [{ path: 'expiresAt', message }] }),
    )
  })
})

describe('a credential that ends', () => {
  type Caller = Parameters<typeof allowedExpiry>[0]
  const callerWith = (expiresAt: string | null | undefined) =>
    ({
      subject: { userId: owner.userId },
      snapshot: { credential: expiresAt === undefined ? null : credential({ expiresAt }) },
    }) as unknown as Caller
  const ending = callerWith(inDays(3))
  const refused = (attempt: () => unknown) =>
    expect(attempt).toThrow(
      expect.objectContaining({
        errors: [
          {
            path: 'expiresAt',
            message: `must not be after ${inDays(3)}, when the credential of this request expires`,
          },
        ],
      }),
    )

  it('makes none for its own user that ends later', () => {
    expect(allowedExpiry(ending, owner.userId, undefined, now)).toBe(inDays(3))
    expect(allowedExpiry(ending, owner.userId, inDays(3), now)).toBe(inDays(3))
    refused(() => allowedExpiry(ending, owner.userId, inDays(3.001), now))
    refused(() => allowedExpiry(ending, owner.userId, null, now))
  })

  it('makes what is wished for another user, as does one that never ends, and a password', () => {
    expect(allowedExpiry(ending, 'usr_other', null, now)).toBeNull()
    expect(allowedExpiry(ending, 'usr_other', undefined, now)).toBeNull()
    for (const expiresAt of [null, undefined])
      expect(allowedExpiry(callerWith(expiresAt), owner.userId, inDays(99), now)).toBe(inDays(99))
    expect([ownExpiry(ending, owner.userId), ownExpiry(ending, 'usr_other')]).toEqual([inDays(3), null])
    expect(requireNoLonger(ending, 'usr_other', null, inDays(1))).toBeUndefined()
    expect(requireNoLonger(ending, owner.userId, null, null)).toBeUndefined()
  })
})

describe('the life of a successor', () => {
  it('is as long as the one that the old credential was given, whatever became of that', () => {
    const given = { createdAt: inDays(-10), givenExpiresAt: inDays(20), expiresAt: inDays(1) }
    expect(inheritedExpiry(given, now)).toBe(inDays(30))
    expect(inheritedExpiry({ ...given, givenExpiresAt: null }, now)).toBeNull()
  })

  it('ends with the year 9999', () => {
    const long = { createdAt: inDays(-1), givenExpiresAt: '9999-12-31T00:00:00.000Z', expiresAt: null }
    expect(inheritedExpiry(long, now)).toBe(new Date(latestExpiry).toISOString())
  })
})

describe('a rotation', () => {
  it('leaves the old one a day, and gives the new one its name, kind and life', () => {
    expect(rotationOf(credential(), {}, now)).toEqual({
      request: {
        ...{ kind: 'key', name: 'production', expiresAt: null, endsOnFirstUse: null },
        replaces: 'key_1',
      },
      oldEnd: inDays(1),
    })
  })

  it('does what is wished, and lets nobody live longer', () => {
    const ends = credential({ expiresAt: inDays(0.5), givenExpiresAt: inDays(20) })
    const wishes = { overlapSeconds: 60, name: 'next', expiresAt: inDays(2), endOldOnFirstUse: true }
    const { request, oldEnd } = rotationOf(ends, wishes, now)
    expect(request).toMatchObject({ name: 'next', expiresAt: inDays(2), endsOnFirstUse: 'key_1' })
    expect(oldEnd).toBe('2026-11-21T12:01:00.000Z')
    expect(rotationOf(ends, { overlapSeconds: 86_400 }, now)).toMatchObject({
      request: { expiresAt: inDays(30) },
      oldEnd: inDays(0.5),
    })
    expect(rotationOf(ends, { expiresAt: null, endOldOnFirstUse: false }, now).request).toMatchObject({
      expiresAt: null,
      endsOnFirstUse: null,
    })
  })

  it('is told to those that the old one replaced, or that share its successor', () => {
    const old = credential({ keyId: 'key_1', replacedBy: 'key_2' })
    const first = credential({ keyId: 'key_0', replacedBy: 'key_1' })
    const sibling = credential({ keyId: 'key_5', replacedBy: 'key_2' })
    const others = [credential({ keyId: 'key_3' }), credential({ keyId: 'key_4', replacedBy: 'key_9' })]
    expect(earlierInChain([first, old, sibling, ...others], old)).toEqual([first, sibling])
    expect(earlierInChain([first, ...others], { ...old, replacedBy: null })).toEqual([first])
  })

  it('ends the old one as it was read, and moves the others on to the newest', () => {
    const old = credential({ expiresAt: inDays(5), givenExpiresAt: inDays(20), replacedBy: 'key_2' })
    const earlier = [credential({ keyId: 'key_0', replacedBy: 'key_1' })]
    const [oldWrite, removal, moved, ...rest] = endWrites({ old, end: inDays(1), earlier }, 'key_7')
    expect(oldWrite).toEqual({
      label: 'old credential',
      update: keys.credential(owner.userId, 'key_1'),
      set: 'SET expiresAt = :end, givenExpiresAt = :given, replacedBy = :successor',
      names: { '#status': 'status' },
      values: {
        ...{ ':end': inDays(1), ':given': inDays(20), ':read': inDays(5), ':replaced': 'key_2' },
        ...{ ':active': 'active', ':successor': 'key_7' },
      },
      condition: 'expiresAt = :read AND #status = :active AND replacedBy = :replaced',
    })
    expect(removal).toMatchObject({ label: 'expiry entry' })
    expect(moved).toEqual({
      label: 'earlier credential',
      update: keys.credential(owner.userId, 'key_0'),
      set: 'SET replacedBy = :successor',
      values: { ':successor': 'key_7', ':read': 'key_1' },
      condition: 'replacedBy = :read',
    })
    expect(rest).toEqual([])
  })
})
