import { describe, expect, it } from 'vitest'
import {
  ApiId,
  BindingId,
  CeremonyId,
  FactorId,
  isApiId,
  isKeyId,
  isOrganizationId,
  isOwnText,
  isSessionId,
  isUserId,
  KeyId,
  MembershipId,
  newApiId,
  newBindingId,
  newCeremonyId,
  newFactorId,
  newKeyId,
  newMembershipId,
  newOrganizationId,
  newSecretOf,
  newSessionId,
  newUserId,
  newVendorId,
  nextSessionId,
  OrganizationId,
  ownerOfKey,
  readKeySecret,
  readToken,
  SessionId,
  signInOf,
  UserId,
  VendorId,
} from '../../lib/secrets/key-id.ts'
import { hashSecret, SecretHash } from '../../lib/secrets/secret-hash.ts'
import type { SecretText } from '../../lib/secrets/secret-text.ts'
import { keys } from '../../lib/table/keys.ts'

const bytes = (size: number) => Uint8Array.from({ length: size }, (_, index) => index + 1)
const owner = { organizationId: 'org_abcdefghij' as const, userId: 'usr_0123456789abcdef' as const }
const keyId = newKeyId(owner, bytes)

describe('an id', () => {
  it('says what it is of', () => {
    expect([newOrganizationId, newApiId, newMembershipId, newUserId].map((make) => make(bytes))).toEqual([
      'org_123456789a',
      'api_123456789abc',
      'mem_123456789abc',
      'usr_123456789abcdefg',
    ])
    expect(newSessionId(bytes)).toBe('ses_123456789abcdefghijk')
    expect(keyId).toBe('key_abcdefghij0123456789abcdef123456789a')
  })

  it('is not taken for an id of something else', () => {
    // @ts-expect-error the id of an organization
    keys.user(owner.organizationId)
    // @ts-expect-error in the wrong order
    keys.membership(owner.organizationId, owner.userId)
    // @ts-expect-error the id of a user
    keys.credential(owner.userId, owner.userId)
    // @ts-expect-error the id of a key
    keys.invitationToken(owner.userId, keyId)
    // @ts-expect-error the id of a membership
    keys.logout(owner.userId, newMembershipId(bytes))
    // @ts-expect-error the id of a session
    keys.sightings(owner.organizationId, owner.userId, newSessionId(bytes))
    // @ts-expect-error the id of a user
    keys.api(owner.userId)
    // @ts-expect-error the id of an API
    keys.user(newApiId(bytes))
    // @ts-expect-error the id of a vendor
    const binding: BindingId = newVendorId(bytes)
    // @ts-expect-error the id of a binding
    const vendor: VendorId = newBindingId(bytes)
    // @ts-expect-error any text
    newSecretOf('token', `${keyId}`.slice(0), bytes)
    const made = [
      owner.userId,
      owner.organizationId,
      newApiId(bytes),
      keyId,
      newMembershipId(bytes),
      binding,
      vendor,
    ]
    const kinds = [UserId, OrganizationId, ApiId, KeyId, MembershipId, VendorId, BindingId]
    for (const [index, kind] of kinds.entries())
      expect(made.map((id) => kind.safeParse(id).success)).toEqual(made.map((_, at) => at === index))
    expect([isUserId, isOrganizationId].map((isId) => isId(owner.organizationId))).toEqual([false, true])
    expect([newSessionId(bytes), ...made].map(isSessionId)).toEqual([true, ...made.map(() => false)])
  })

  it.each([
    ['a user', newUserId, UserId, isUserId],
    ['an organization', newOrganizationId, OrganizationId, isOrganizationId],
    ['an API', newApiId, ApiId, undefined],
    ['a key', (random: typeof bytes) => newKeyId(owner, random), KeyId, isKeyId],
    ['a membership', newMembershipId, MembershipId, undefined],
    ['a factor', newFactorId, FactorId, undefined],
    ['a ceremony', newCeremonyId, CeremonyId, undefined],
    ['a session', newSessionId, SessionId, isSessionId],
    ['a vendor', newVendorId, VendorId, undefined],
    ['a binding', newBindingId, BindingId, undefined],
  ])('of %s is its prefix and small letters and digits, and nothing more', (_what, make, kind, isId) => {
    const id = make(bytes)
    expect(id).toMatch(/^[a-z]{3}_[0-9a-z]{10,36}$/)
    expect(kind.safeParse(id).success).toBe(true)
    expect(kind.safeParse(id.slice(1)).success).toBe(false)
    if (isId === undefined) return
    const others = [`x${id}`, `${id}0`, id.slice(0, -1), id.toUpperCase(), `${id}\n`, '']
    expect([id, ...others].map((text) => isId(text))).toEqual([true, ...others.map(() => false)])
  })

  it('is a text: what only reads like one is none', () => {
    for (const [isId, id] of [
      [isUserId, owner.userId],
      [isOrganizationId, owner.organizationId],
      [isSessionId, newSessionId(bytes)],
    ] as const)
      expect([id, [id], { toString: () => id }, 7, null, undefined].map((value) => isId(value))).toEqual([
        true,
        ...Array.from({ length: 5 }, () => false),
      ])
  })

  it('of an API is told from a name, which has no underscore', () => {
    expect([newApiId(bytes), 'orders', 'api', 'orders-api_'].map(isApiId)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('of a session says which sign-in it comes from', () => {
    const first = newSessionId(bytes)
    const next = nextSessionId(first, (size) => bytes(size).fill(30))
    expect(isSessionId(next)).toBe(true)
    expect(next).not.toBe(first)
    expect(signInOf(next)).toBe(signInOf(first))
    expect(signInOf(newSessionId((size) => bytes(size).fill(30)))).not.toBe(signInOf(first))
  })

  it('of a key names its organization and its user', () => {
    expect(ownerOfKey(keyId)).toEqual(owner)
    for (const other of [
      `${keyId}0`,
      keyId.slice(0, -1),
      `x${keyId}`,
      keyId.replace('key_', 'pst_'),
      'key_',
      `${keyId.slice(0, -1)}A`,
    ])
      expect([isKeyId(other), ownerOfKey(other as KeyId)], other).toEqual([false, undefined])
  })
})

describe('a token', () => {
  const token = newSecretOf('token', keyId, bytes)

  it('carries its key id, and is read back whole', () => {
    expect(token).toMatch(/^pst_[0-9a-z]{36}_[0-9A-Za-z]{49}$/)
    expect(readToken(token)).toEqual({ keyId, secret: token })
    expect(readKeySecret(token)).toBeUndefined()
  })

  it.each([
    ['one character less', token.slice(0, -1)],
    ['one more', `${token}0`],
    ['something before it', `x${token}`],
    ['another user', token.replace('abcdefghij', 'bbcdefghij')],
    ['another secret', token.replace('_1', '_2')],
    ['another checksum', `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`],
    ['an id in capitals', token.replace('abcdefghij', 'ABCDEFGHIJ')],
    ['no text', ''],
  ])('is none with %s', (_what, text) => {
    expect(readToken(text)).toBeUndefined()
  })
})

describe('the secret of a key', () => {
  const secret = newSecretOf('key', keyId, bytes)

  it('is read back whole, and is no token', () => {
    expect(secret).toMatch(/^pst_[0-9A-Za-z]{49}$/)
    expect([readKeySecret(secret), readToken(secret)]).toEqual([secret, undefined])
    expect(readKeySecret(`${secret}0`)).toBeUndefined()
  })

  it('is stored as its SHA-256', () => {
    const hash = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(hashSecret('abc' as SecretText)).toBe(hash)
    const others = [`0${hash}`, `${hash}0`, hash.slice(1), hash.toUpperCase(), 'g'.repeat(64)]
    expect([hash, ...others].map((text) => SecretHash.safeParse(text).success)).toEqual([
      true,
      ...others.map(() => false),
    ])
  })
})

describe('a text of Postern’s own', () => {
  it('begins like one', () => {
    expect(['pst_x', 'key_x', 'sk_live_pst_', 'xkey_'].map(isOwnText)).toEqual([true, true, false, false])
  })
})
