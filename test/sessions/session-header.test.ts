import { createHmac } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { crafted, encoded, goodClaims, headerText, newTestKey, signed, verifierOf } from './crafted-token.ts'

const key = newTestKey()
const otherKey = newTestKey()
const verify = verifierOf([key])
const payload = JSON.stringify(goodClaims)
const malformed = { ok: false, reason: 'malformed' }

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
