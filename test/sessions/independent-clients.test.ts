import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { JwtRsaVerifier } from 'aws-jwt-verify'
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify, SignJWT } from 'jose'
import * as oauth from 'oauth4webapi'
import { describe, expect, it } from 'vitest'
import { authorizationServerMetadata } from '../../lib/sessions/authorization-server-metadata.ts'
import { jwksDocument, publicKeyOf } from '../../lib/sessions/jwks.ts'
import { signSession } from '../../lib/sessions/sign-session.ts'
import {
  actorEpoch,
  goodClaims,
  grant,
  issuer,
  newTestKey,
  signed,
  signerWith,
  verifierOf,
} from './crafted-token.ts'

const key = newTestKey()
const retired = newTestKey()
const jwks = jwksDocument([key, retired])
// These clients take the time from the machine.
const fresh = () => signed(key, {}, Date.now())

describe('the published keys', () => {
  it('name each key by its RFC 7638 thumbprint and say what it is for', async () => {
    const [jwk] = jwks.keys
    if (jwk === undefined) throw new Error('no key')
    expect(jwk.kid).toBe(await calculateJwkThumbprint({ kty: jwk.kty, n: jwk.n, e: jwk.e }))
    expect(jwk).toEqual({
      kty: 'RSA',
      use: 'sig',
      alg: 'RS256',
      kid: key.keyId,
      n: expect.any(String),
      e: 'AQAB',
    })
  })

  it('hold nothing private', () => {
    expect(JSON.stringify(jwks)).not.toMatch(/"(?:d|p|q|dp|dq|qi|oth|k)":/)
  })

  it('reproduce the thumbprint of RFC 7638 section 3.1', async () => {
    // The RFC's own example key; Node writes it as SPKI, we read it back.
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    const publicKey = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
    const { keyId } = publicKeyOf(publicKey.export({ format: 'der', type: 'spki' }))
    expect(keyId).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  })
})

describe('a key that RS256 must not be used with is not published', () => {
  it.each([
    ['RSA of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 })],
    ['RSA for PSS only', generateKeyPairSync('rsa-pss', { modulusLength: 2048 })],
    ['an elliptic curve', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ])('%s', (_name, { publicKey }) => {
    expect(() => publicKeyOf(publicKey.export({ format: 'der', type: 'spki' }))).toThrow('RSA, 2048')
  })
})

describe('a session token is accepted by', () => {
  it('jose', async () => {
    const { text, claims } = await fresh()
    const options = { issuer, audience: issuer, typ: 'at+jwt', algorithms: ['RS256'] }
    const { payload, protectedHeader } = await jwtVerify(
      text,
      createLocalJWKSet({ keys: [...jwks.keys] }),
      options,
    )
    expect(payload).toEqual(claims)
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: key.keyId })
  })

  it('aws-jwt-verify', async () => {
    const { text, claims } = await fresh()
    const verifier = JwtRsaVerifier.create({
      issuer,
      audience: issuer,
      jwksUri: `${issuer}/.well-known/jwks.json`,
    })
    verifier.cacheJwks({ keys: [...jwks.keys] })
    expect(verifier.verifySync(text)).toEqual(claims)
  })

  it('oauth4webapi, which finds the keys through the metadata and checks every claim that RFC 9068 requires', async () => {
    const metadata = authorizationServerMetadata(issuer, ['client_credentials'])
    const discovered = await oauth.processDiscoveryResponse(new URL(issuer), Response.json(metadata))
    const asked: string[] = []
    const answerWithKeys = async (url: string) => {
      asked.push(url)
      return Response.json(jwks)
    }
    const { text, claims } = await fresh()
    const request = new Request(`${issuer}/orders`, { headers: { authorization: `Bearer ${text}` } })
    const options = { [oauth.customFetch]: answerWithKeys }
    const validated = await oauth.validateJwtAccessToken(discovered, request, issuer, options)
    expect(validated).toEqual(claims)
    expect(asked).toEqual([`${issuer}/.well-known/jwks.json`])
  })

  it('clients that check the metadata: no member is empty, and those that some of them insist on are there', () => {
    const metadata = authorizationServerMetadata(issuer, ['client_credentials'])
    for (const [name, value] of Object.entries(metadata)) expect(value.length, name).toBeGreaterThan(0)
    // Authlib wants response types, the MCP SDK an authorization endpoint; each refuses the whole without.
    expect(metadata).toMatchObject({
      authorization_endpoint: `${issuer}/oauth/authorize`,
      response_types_supported: ['none'],
    })
  })

  it('the same clients after a password login and while somebody acts as the user', async () => {
    const metadata = { issuer, jwks_uri: `${issuer}/.well-known/jwks.json` }
    const options = { [oauth.customFetch]: async () => Response.json(jwks) }
    for (const changed of [
      { keyId: null, accountGroup: null },
      { keyId: null, actor: { userId: 'usr_fedcba9876543210' as const, epoch: actorEpoch } },
    ]) {
      const { text, claims } = await signed(key, changed, Date.now())
      const request = new Request(`${issuer}/orders`, { headers: { authorization: `Bearer ${text}` } })
      expect(await oauth.validateJwtAccessToken(metadata, request, issuer, options)).toEqual(claims)
    }
  })
})

describe('in the other direction', () => {
  it('a token that jose makes of the same header and claims is, letter for letter, the one we sign', async () => {
    const { text, claims } = await signed(key)
    const byJose = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: key.keyId })
      .sign(key.privateKey)
    expect(byJose).toBe(text)
    expect(verifierOf([key])(byJose).ok).toBe(true)
  })
})

describe('nothing is signed that would not be accepted', () => {
  const sign = (changed: object) =>
    signSession(
      { ...grant, ...changed },
      { signer: signerWith(key), issuer, now: () => goodClaims.iat * 1000, randomBytes },
    )
  it.each([
    ['a lifetime beyond the longest', { lifetimeSeconds: 12 * 3600 + 1 }],
    ['no lifetime', { lifetimeSeconds: 0 }],
    ['half a second', { lifetimeSeconds: 0.5 }],
    ["another user's key", { userId: 'usr_fedcba9876543210' as const }],
    ['an actor who is the user', { keyId: null, actor: { userId: grant.userId, epoch: actorEpoch } }],
    ['an epoch that names no membership', { epoch: '3' }],
    ['an audience that is empty', { audience: '' }],
    ['an audience that is longer than any API has', { audience: `https://${'a'.repeat(600)}.example` }],
  ])('%s', async (_name, changed) => {
    await expect(sign(changed)).rejects.toThrow('session claims refused')
  })

  it('and two sessions never share an id', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, async () => (await sign({})).claims.jti))
    expect(new Set(ids).size).toBe(50)
  })
})
