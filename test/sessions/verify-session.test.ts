import { constants, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
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

/** In the manner of Wycheproof: the signature holds under the real key wherever it can, and the header asks for trouble. */
const hostileHeaders: readonly (readonly [string, unknown])[] = [
  ['alg none', { alg: 'none', typ: 'at+jwt', kid: key.keyId }],
  ['alg None', { alg: 'None', typ: 'at+jwt', kid: key.keyId }],
  ['alg in lower case', { alg: 'rs256', typ: 'at+jwt', kid: key.keyId }],
  ['alg HS256', { alg: 'HS256', typ: 'at+jwt', kid: key.keyId }],
  ['alg RS512', { alg: 'RS512', typ: 'at+jwt', kid: key.keyId }],
  ['alg PS256', { alg: 'PS256', typ: 'at+jwt', kid: key.keyId }],
  ['alg ES256', { alg: 'ES256', typ: 'at+jwt', kid: key.keyId }],
  ['an alg that is a list', { alg: ['RS256'], typ: 'at+jwt', kid: key.keyId }],
  ['no alg', { typ: 'at+jwt', kid: key.keyId }],
  ['typ JWT', { alg: 'RS256', typ: 'JWT', kid: key.keyId }],
  ['typ in another case', { alg: 'RS256', typ: 'AT+JWT', kid: key.keyId }],
  ['typ with its prefix', { alg: 'RS256', typ: 'application/at+jwt', kid: key.keyId }],
  ['no typ', { alg: 'RS256', kid: key.keyId }],
  ['no kid', { alg: 'RS256', typ: 'at+jwt' }],
  ['kid null', { alg: 'RS256', typ: 'at+jwt', kid: null }],
  ['a kid that is a list', { alg: 'RS256', typ: 'at+jwt', kid: [key.keyId] }],
  ['a kid that climbs', { alg: 'RS256', typ: 'at+jwt', kid: '../../../../dev/null' }],
  ['a kid with SQL', { alg: 'RS256', typ: 'at+jwt', kid: "x' UNION SELECT 'key" }],
  ['a kid with a shell', { alg: 'RS256', typ: 'at+jwt', kid: '|/bin/sleep 9' }],
  ['a kid that is a URL', { alg: 'RS256', typ: 'at+jwt', kid: 'https://attacker.example/key' }],
  ['kid __proto__', { alg: 'RS256', typ: 'at+jwt', kid: '__proto__' }],
  ['kid constructor', { alg: 'RS256', typ: 'at+jwt', kid: 'constructor' }],
  ['kid with NUL', { alg: 'RS256', typ: 'at+jwt', kid: `${key.keyId}\0` }],
  ['a very long kid', { alg: 'RS256', typ: 'at+jwt', kid: 'k'.repeat(2000) }],
  ['an empty kid', { alg: 'RS256', typ: 'at+jwt', kid: '' }],
  ['jwk', { alg: 'RS256', typ: 'at+jwt', kid: key.keyId, jwk: key.jwk }],
  ['jku', { alg: 'RS256', typ: 'at+jwt', kid: key.keyId, jku: 'https://attacker.example/jwks' }],
  ['x5u', { alg: 'RS256', typ: 'at+jwt', kid: key.keyId, x5u: 'https://attacker.example/cert' }],
  ['x5c', { alg: 'RS256', typ: 'at+jwt', kid: key.keyId, x5c: ['MIIB'] }],
  ['crit', { alg: 'RS256', typ: 'at+jwt', kid: key.keyId, crit: ['exp'] }],
  ['b64', { alg: 'RS256', typ: 'at+jwt', kid: key.keyId, b64: false, crit: ['b64'] }],
  ['cty', { alg: 'RS256', typ: 'at+jwt', kid: key.keyId, cty: 'JWT' }],
  ['zip', { alg: 'RS256', typ: 'at+jwt', kid: key.keyId, zip: 'DEF' }],
  ['a list', [{ alg: 'RS256', typ: 'at+jwt', kid: key.keyId }]],
  ['null', null],
]

describe('T1: the header', () => {
  it.each(hostileHeaders)('is refused with %s, though the signature holds', (_name, header) => {
    expect(verify(crafted(key, JSON.stringify(header), payload))).toEqual(malformed)
  })

  it.each([
    ['alg twice, none last', `{"alg":"RS256","typ":"at+jwt","kid":"${key.keyId}","alg":"none"}`],
    ['alg twice, none first', `{"alg":"none","alg":"RS256","typ":"at+jwt","kid":"${key.keyId}"}`],
    ['kid twice', `{"alg":"RS256","typ":"at+jwt","kid":"x","kid":"${key.keyId}"}`],
    ['an escaped name', `{"\\u0061lg":"RS256","typ":"at+jwt","kid":"${key.keyId}"}`],
    ['a blank', `{"alg":"RS256", "typ":"at+jwt","kid":"${key.keyId}"}`],
    ['something after it', `${headerText(key)}{}`],
    ['a byte order mark', `\ufeff${headerText(key)}`],
    ['no JSON', 'RS256'],
    ['nothing', ''],
  ])('is refused with %s', (_name, header) => {
    expect(verify(crafted(key, header, payload))).toEqual(malformed)
  })

  it('is refused when it names a key of another deployment, and says which fault it was', async () => {
    expect(verify((await signed(otherKey)).text)).toEqual({ ok: false, reason: 'unknown_key' })
  })

  it('brings no key: a token that carries its own key and is signed with it is refused, nothing fetched', () => {
    const fetching = vi.spyOn(globalThis, 'fetch')
    const header = {
      alg: 'RS256',
      typ: 'at+jwt',
      kid: otherKey.keyId,
      jwk: otherKey.jwk,
      jku: 'http://127.0.0.1:9',
    }
    expect(verify(crafted(otherKey, JSON.stringify(header), payload))).toEqual(malformed)
    expect(fetching).not.toHaveBeenCalled()
    fetching.mockRestore()
  })

  it.each(['pem', 'der'] as const)('does not turn the public key (%s) into an HMAC secret', (format) => {
    const type = 'spki'
    const exported = format === 'pem' ? key.key.export({ format, type }) : key.key.export({ format, type })
    for (const header of [JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid: key.keyId }), headerText(key)]) {
      const signingInput = `${encoded(header)}.${encoded(payload)}`
      const mac = createHmac('sha256', exported).update(signingInput).digest('base64url')
      expect(verify(`${signingInput}.${mac}`).ok).toBe(false)
    }
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
    const found = Array.from({ length: 200 }, (_, epoch) => {
      const input = `${encoded(headerText(small))}.${encoded(JSON.stringify({ ...goodClaims, epoch }))}`
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
    ['a claim twice', payload.replace('"epoch":3', '"epoch":3,"epoch":4')],
    ['the subject twice', `{"sub":"usr_aaaaaaaaaaaaaaaa",${payload.slice(1)}`],
    ['a blank', payload.replace(',', ', ')],
    ['a newline at the end', `${payload}\n`],
    ['an escaped name', payload.replace('"sub"', '"\\u0073ub"')],
    ['a number in another spelling', payload.replace('"epoch":3', '"epoch":3.0')],
    ['__proto__', payload.replace('"epoch":3', '"epoch":3,"__proto__":{"aid":1}')],
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
      `.${body}.${signature}`,
    ]
    for (const other of others) expect(verify(other)).toEqual(malformed)
    const emptied = [`${header}.${body}.`, `${header}..${signature}`]
    for (const other of emptied) expect(verify(other)).toEqual(badSignature)
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
    for (const { publicKey, privateKey } of [weak, pss, curve]) {
      for (const refusedKey of [publicKey, privateKey]) {
        const keys = [{ keyId: 'k', key: refusedKey }]
        expect(() => sessionVerifier({ keys, issuer, audience: issuer, now: () => now })).toThrow('RSA, 2048')
      }
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
