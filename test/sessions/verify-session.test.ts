import { constants, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { publicKeyOf } from '../../lib/sessions/jwks.ts'
import { sessionVerifier } from '../../lib/sessions/verify-session.ts'
import type { TestKey } from './crafted-token.ts'
import {
  crafted,
  encoded,
  goodClaims,
  headerText,
  issuer,
  newTestKey,
  now,
  signed,
  verifierOf,
} from './crafted-token.ts'

const key = newTestKey()
const otherKey = newTestKey()
const verify = verifierOf([key])
const payload = JSON.stringify(goodClaims)
const issuedAt = `"iat":${goodClaims.iat}`
const malformed = { ok: false, reason: 'malformed' }
const badSignature = { ok: false, reason: 'bad_signature' }

describe('a genuine session token', () => {
  it('verifies, and gives back the claims it was signed with', async () => {
    const { text, claims } = await signed(key)
    expect(verify(text)).toEqual({ ok: true, claims })
  })

  it('verifies under each of several keys, so that keys can be rotated', async () => {
    const both = verifierOf([otherKey, key])
    expect(both((await signed(key)).text).ok).toBe(true)
    expect(both((await signed(otherKey)).text).ok).toBe(true)
  })

  it('is what the crafted ones below are but for their one fault', () => {
    expect(verify(crafted(key, headerText(key), payload))).toEqual({ ok: true, claims: goodClaims })
  })
})

describe('T1: the signature', () => {
  const signingInput = `${encoded(headerText(key))}.${encoded(payload)}`
  const withSignature = (bytes: Uint8Array) => verify(`${signingInput}.${encoded(bytes)}`)
  const good = sign('RSA-SHA256', Buffer.from(signingInput), key.privateKey)

  it('holds when it is the real one', () => {
    expect(withSignature(good).ok).toBe(true)
  })

  it.each([
    ['empty', Buffer.alloc(0)],
    ['all zero', Buffer.alloc(256)],
    ['one', Buffer.concat([Buffer.alloc(255), Buffer.of(1)])],
    ['all ones', Buffer.alloc(256, 0xff)],
    ['one byte short', good.subarray(0, 255)],
    ['one byte long', Buffer.concat([good, Buffer.of(0)])],
    ['led by a zero byte', Buffer.concat([Buffer.of(0), good])],
    ['the modulus itself', Buffer.from(key.jwk.n, 'base64url')],
    ['of another key', sign('RSA-SHA256', Buffer.from(signingInput), otherKey.privateKey)],
    ['over another hash', sign('RSA-SHA512', Buffer.from(signingInput), key.privateKey)],
    ['over SHA-1', sign('RSA-SHA1', Buffer.from(signingInput), key.privateKey)],
    [
      'with PSS padding',
      sign('RSA-SHA256', Buffer.from(signingInput), {
        key: key.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
      }),
    ],
    ['of another payload', sign('RSA-SHA256', Buffer.from(`${signingInput}x`), key.privateKey)],
  ])('is refused when it is %s', (_name, bytes) => {
    expect(withSignature(bytes)).toEqual(badSignature)
  })

  it('is refused when a bit of it is flipped', () => {
    for (let bit = 0; bit < good.length * 8; bit += 41) {
      const flipped = Buffer.from(good)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      expect(withSignature(flipped)).toEqual(badSignature)
    }
  })

  it('has no twin: s + n is the same number to RSA and is refused', () => {
    // s + n fits into the length of the key only for some s, and for hardly any when n is large: find a key and a signature.
    const modulusOf = (candidate: TestKey) => Buffer.from(candidate.jwk.n, 'base64url')
    let small = newTestKey()
    while (modulusOf(small).readUInt8(0) > 0xd0) small = newTestKey()
    const n = BigInt(`0x${modulusOf(small).toString('hex')}`)
    const found = Array.from({ length: 200 }, (_, aid) => {
      const input = `${encoded(headerText(small))}.${encoded(JSON.stringify({ ...goodClaims, aid }))}`
      const signature = sign('RSA-SHA256', Buffer.from(input), small.privateKey)
      return { input, signature, twin: BigInt(`0x${signature.toString('hex')}`) + n }
    }).find(({ twin }) => twin < 1n << 2048n)
    if (found === undefined) throw new Error('no signature of this key has a twin')
    const verifySmall = verifierOf([small])
    expect(verifySmall(`${found.input}.${encoded(found.signature)}`).ok).toBe(true)
    const twin = Buffer.from(found.twin.toString(16).padStart(512, '0'), 'hex')
    expect(verifySmall(`${found.input}.${encoded(twin)}`)).toEqual(badSignature)
  })
})

describe('the payload', () => {
  const claimsMalformed = { ok: false, reason: 'claims_malformed' }
  it.each([
    ['a claim twice', payload.replace(issuedAt, `${issuedAt},"iat":1`)],
    ['the subject twice', `{"sub":"usr_aaaaaaaaaaaaaaaa",${payload.slice(1)}`],
    ['a blank', payload.replace(',', ', ')],
    ['a newline at the end', `${payload}\n`],
    ['an escaped name', payload.replace('"sub"', '"\\u0073ub"')],
    ['a number in another spelling', payload.replace(issuedAt, `${issuedAt}.0`)],
    ['__proto__', payload.replace(issuedAt, `${issuedAt},"__proto__":{"aid":1}`)],
    ['broken JSON', payload.slice(0, -1)],
    ['a list', `[${payload}]`],
    ['null', 'null'],
    ['a text', JSON.stringify(payload)],
    ['a nested token', crafted(key, headerText(key), payload)],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.from(payload), Buffer.of(0xff)])],
    ['nothing', ''],
  ])('is refused with %s, though the signature holds', (_name, text) => {
    expect(verify(crafted(key, headerText(key), text))).toEqual(claimsMalformed)
  })

  it('is refused in a second spelling that the signer signed', () => {
    for (const spelled of [`${encoded(payload)}=`, `${encoded(payload)} `]) {
      const signingInput = `${encoded(headerText(key))}.${spelled}`
      const signature = sign('RSA-SHA256', Buffer.from(signingInput), key.privateKey)
      expect(verify(`${signingInput}.${encoded(signature)}`)).toEqual(malformed)
    }
  })

  it('of one token does not go with the signature of another', async () => {
    const [header, , signature] = (await signed(key)).text.split('.')
    expect(verify(`${header}.${encoded(payload)}.${signature}`)).toEqual(badSignature)
  })

  it('is not looked at before the signature holds', () => {
    const expired = crafted(otherKey, headerText(key), JSON.stringify({ ...goodClaims, exp: 1 }))
    expect(verify(expired)).toEqual(badSignature)
  })
})

describe('the text', () => {
  it.each(['', '.', '..', '...', 'eyJ', 'a.b', 'a.b.c', 'a.b.c.d', 'a.b.c.d.e', 'null', '{}', '\0', '𝒂.𝒃.𝒄'])(
    'is refused when it is %j',
    (text) => {
      expect(verify(text)).toEqual(malformed)
    },
  )

  it('is refused with a part more or a part less', async () => {
    const { text } = await signed(key)
    const [header, body, signature] = text.split('.')
    const others = [
      `${text}.`,
      `.${text}`,
      `${text}.${signature}`,
      `${header}.${body}`,
      `${header}`,
      `${text}=`,
      `.${body}.${signature}`,
    ]
    for (const other of others) expect(verify(other)).toEqual(malformed)
    const emptied = [`${header}.${body}.`, `${header}..${signature}`]
    for (const other of emptied) expect(verify(other)).toEqual(badSignature)
  })

  it('is read when it has 4096 characters, of which the longest token of ours takes about half', async () => {
    const longest = await signed(key, { audience: `https://${'a'.repeat(504)}` })
    expect(verify(longest.text).ok).toBe(true)
    const [header, body] = longest.text.split('.')
    expect(verify(`${header}.${body}.`.padEnd(4096, 'A'))).toEqual(badSignature)
    expect(verify(`${header}.${body}.`.padEnd(4097, 'A'))).toEqual(malformed)
  })

  it('is refused unread when it is longer than any token, in whatever it is made of', () => {
    const split = vi.spyOn(String.prototype, 'split')
    const verdicts = ['a'.repeat(4097), '.'.repeat(1_000_000)].map((text) => verify(text))
    expect(split).not.toHaveBeenCalled()
    split.mockRestore()
    expect(verdicts).toEqual([malformed, malformed])
  })
})

describe('the verifier', () => {
  it('does not accept a key that RS256 must not be used with', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const refusedKeys = [weak, pss, curve].flatMap(({ publicKey, privateKey }) => [publicKey, privateKey])
    for (const { publicKey } of [weak, pss, curve])
      expect(() => publicKeyOf(publicKey.export({ format: 'der', type: 'spki' }))).toThrow('RSA, 2048')
    for (const refusedKey of [...refusedKeys, key.privateKey]) {
      const keys = [{ keyId: 'k', key: refusedKey }]
      expect(() => sessionVerifier({ keys, issuer, now: () => now })).toThrow('RSA, 2048')
    }
  })

  it('refuses everything when it has no key', async () => {
    expect(verifierOf([])((await signed(key)).text)).toEqual({ ok: false, reason: 'unknown_key' })
  })

  it('takes signatures of a 3072-bit key too', async () => {
    const large = newTestKey(3072)
    expect(verifierOf([large])((await signed(large)).text).ok).toBe(true)
  })
})
