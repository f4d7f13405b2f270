import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAuthorization, readPair } from '../../lib/admission/presented.ts'
import { CredentialImportBody } from '../../lib/credentials/credential-bodies.ts'
import { readBase64 } from '../../lib/secrets/exact-base64.ts'
import { readSecretHash } from '../../lib/secrets/imported-secret-hash.ts'
import { newKeyId, newSecretOf } from '../../lib/secrets/key-id.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const foreign = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'

describe('a text that Postern did not make', () => {
  it.each([
    [`Bearer ${foreign}`, null],
    [foreign, null],
    [basic(`partner:${foreign}`), 'partner'],
    [basic(`a.client-id:${foreign}:with:colons`), 'a.client-id'],
  ])('is read from %s as what may be imported', (header, name) => {
    const read = readAuthorization(header)
    expect(read).toMatchObject({ ok: true, presented: { kind: 'imported', name } })
    if (read.ok && read.presented.kind === 'imported')
      expect(read.presented.secret.startsWith(foreign)).toBe(true)
  })

  it('is a session token when it has three parts, and nothing beside a name', () => {
    expect(readAuthorization('Bearer aaaaaaaa.bbbbbbbb.cccccccc')).toMatchObject({
      presented: { kind: 'session' },
    })
    expect(readPair('partner', 'aaaaaaaa.bbbbbbbb.cccccccc')).toEqual({
      ok: false,
      reason: 'credential_malformed',
    })
  })

  it.each([
    ['a broken token of ours', `Bearer pst_${'a'.repeat(36)}_${'B'.repeat(49)}`],
    ['a short text of ours', 'Bearer pst_12345678'],
    ['a key id', 'Bearer key_12345678'],
    ['a broken secret of ours beside a name', basic(`partner:pst_${'B'.repeat(49)}`)],
    ['too little for a secret', 'Bearer 1234567'],
    ['more than a credential has', `Bearer ${'x'.repeat(513)}`],
    ['a blank in it', 'Bearer 12345678 90123456'],
    ['a tab in it', 'Bearer 12345678\t90123456'],
    ['other letters', basic('partner:schlüssel-schlüssel')],
    [
      'bytes that are no text',
      `Basic ${Buffer.from([0x61, 0x3a, ...Array(16).fill(0xff)]).toString('base64')}`,
    ],
    ['another scheme', `ApiKey ${foreign}`],
    ['no name', basic(`:${foreign}`)],
    ['no secret', basic('partner:')],
  ])('is not looked up when it is %s', (_what, header) => {
    expect(readAuthorization(header)).toEqual({ ok: false, reason: 'credential_malformed' })
  })

  it('never comes out other than it was presented', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 600 }), (text) => {
        const read = readPair('name', text)
        if (read.ok && read.presented.kind === 'imported') {
          expect(read.presented.secret).toBe(text)
          expect(text.length >= 8 && text.length <= 512 && !/\s/.test(text)).toBe(true)
        }
      }),
    )
  })
})

describe('a text of Postern’s own', () => {
  const owner = { organizationId: 'org_abcdefghij' as const, userId: 'usr_0123456789abcdef' as const }
  const bytes = (size: number) => new Uint8Array(size).fill(7)
  const keyId = newKeyId(owner, bytes)
  const token = newSecretOf('token', keyId, bytes)
  const secret = newSecretOf('key', keyId, bytes)
  const malformed = { ok: false, reason: 'credential_malformed' }

  it('is a token, bare, behind Bearer, or beside a username', () => {
    for (const header of [token, `Bearer ${token}`, `bEARER ${token}`])
      expect(readAuthorization(header)).toEqual({
        ok: true,
        presented: { kind: 'token', keyId, secret: token, username: null },
      })
    expect(readAuthorization(basic(`p:${token}`))).toEqual({
      ok: true,
      presented: { kind: 'token', keyId, secret: token, username: 'p' },
    })
  })

  it('is the secret of a key beside its key id, and beside nothing else', () => {
    expect(readAuthorization(basic(`${keyId}:${secret}`))).toEqual({
      ok: true,
      presented: { kind: 'key', keyId, secret },
    })
    for (const header of [basic(`partner:${secret}`), `Bearer ${secret}`, basic(`:${token}`)])
      expect(readAuthorization(header)).toEqual(malformed)
  })

  it('is missing without a header', () => {
    for (const header of [undefined, ''])
      expect(readAuthorization(header)).toEqual({ ok: false, reason: 'credential_missing' })
  })

  it('is malformed in another scheme, in broken base64, behind a blank, or in more than a header holds', () => {
    const encoded = basic(`partner:${token}`).slice('Basic '.length)
    for (const header of [
      `Digest ${encoded}`,
      `Basic ${encoded}=====`,
      `Basic *`,
      ` ${token}`,
      ` ${foreign}`,
    ])
      expect(readAuthorization(header)).toEqual(malformed)
    const session = (length: number) => `${'a'.repeat(length - 4)}.b.c`
    expect(readAuthorization(session(8192)).ok).toBe(true)
    expect(readAuthorization(session(8193))).toEqual(malformed)
  })
})

describe('the hash of a secret', () => {
  const bytes = Buffer.from('f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc2fbff', 'hex')
  const hex = bytes.toString('hex')

  it('is the same in every spelling that other systems have', () => {
    const spellings = [
      hex,
      hex.toUpperCase(),
      bytes.toString('base64'),
      bytes.toString('base64').replace('=', ''),
      bytes.toString('base64url'),
      `${bytes.toString('base64url')}=`,
    ]
    expect(bytes.toString('base64')).toMatch(/[+/]/)
    expect(spellings.map(readSecretHash)).toEqual(spellings.map(() => hex))
  })

  it.each([
    ['nothing', ''],
    ['a prefix', `sha256:${hex}`],
    ['half of it', hex.slice(32)],
    ['one digit less', hex.slice(1)],
    ['a blank', `${hex} `],
    ['a line break', `${hex}\n`],
    ['no digit', `${hex.slice(1)}g`],
    ['a SHA-1', 'a'.repeat(40)],
    ['a SHA-512', 'a'.repeat(128)],
    ['31 bytes', bytes.subarray(1).toString('base64')],
    ['33 bytes', Buffer.concat([bytes, bytes.subarray(0, 1)]).toString('base64')],
    ['two alphabets', `+_${bytes.toString('base64').slice(2)}`],
    ['bits beyond the last byte', `${'A'.repeat(42)}B=`],
    ['padding twice', `${'A'.repeat(43)}==`],
    ['an encoded text', Buffer.from(hex).toString('base64')],
  ])('is not read from %s', (_what, text) => {
    expect(readSecretHash(text)).toBeUndefined()
  })

  it('is refused by its length alone when it is longer than any, with one message that names the field', () => {
    const read = CredentialImportBody.safeParse({ name: 'old', kind: 'token', hash: 'a'.repeat(65) })
    expect(read.error?.issues).toMatchObject([{ code: 'too_big', path: ['hash'] }])
    expect(read.error?.issues[0]?.message).toContain('64 hexadecimal digits')
  })
})

describe('base64', () => {
  it('has one spelling, with its padding or without', () => {
    const read = (text: string) => readBase64(text, 'base64')?.toString('latin1')
    expect(['YQ', 'YQ==', 'YWI', 'YWI=', 'YWJj', ''].map(read)).toEqual(['a', 'a', 'ab', 'ab', 'abc', ''])
    const others = [
      'YQ=',
      'YQ===',
      'YWI==',
      'YWJj=',
      'YR==',
      'Y',
      'YQ==\n',
      'Y Q==',
      '=',
      '==',
      'Y=Q=',
      '=YQ',
    ]
    expect(others.filter((text) => read(text) !== undefined)).toEqual([])
  })

  it('takes no more than one look at each character of a text that is all padding', () => {
    // With a pattern that looks ahead from each of them this takes ten minutes, and the test runs out of time.
    expect(readBase64(`${'='.repeat(1_000_000)}a`, 'base64')).toBeUndefined()
  })
})
