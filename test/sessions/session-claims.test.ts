import { describe, expect, it } from 'vitest'
import {
  clockSkewSeconds,
  maximumSessionLifetimeSeconds,
  readSessionClaims,
} from '../../lib/sessions/session-claims.ts'
import {
  craftedClaims,
  goodClaims,
  issuer,
  keyId,
  newTestKey,
  now,
  nowSeconds,
  organizationId,
  otherUserId,
  userId,
  verifierOf,
} from './crafted-token.ts'

const key = newTestKey()
const expected = { issuer, audience: issuer, now }
const read = (changed: Readonly<Record<string, unknown>>, at = now) =>
  readSessionClaims({ ...goodClaims, ...changed }, { ...expected, now: at })
const refusal = (reason: string) => ({ ok: false, reason })
const malformed = refusal('claims_malformed')

describe('T2: claims are accepted', () => {
  it.each([
    ['as they are signed', {}],
    ['with an account group', { aid: 691 }],
    ['after a password login: the user is its own client', { client_id: userId }],
    [
      'with an actor who came with a password',
      { act: { sub: otherUserId, epoch: 2 }, client_id: otherUserId },
    ],
    [
      'with an actor who came with a key',
      {
        act: { sub: otherUserId, epoch: 2 },
        client_id: keyId.replace(userId.slice(4), otherUserId.slice(4)),
      },
    ],
    ['with nbf now', { nbf: nowSeconds }],
    ['under epoch 0', { epoch: 0 }],
  ])('%s', (_name, changed) => {
    expect(read(changed)).toEqual({ ok: true, claims: { ...goodClaims, ...changed } })
  })
})

describe('T2: claims are refused', () => {
  it.each(Object.keys(goodClaims))('without %s', (name) => {
    const { [name]: _, ...others }: Readonly<Record<string, unknown>> = goodClaims
    expect(readSessionClaims(others, expected)).toEqual(malformed)
  })

  const names = [...Object.keys(goodClaims), 'aid', 'act', 'nbf']
  const wrongs = [null, true, '', 'x', -1, 1.5, Number.MAX_SAFE_INTEGER + 1, [], {}, [1], { sub: 1 }]
  it.each(names)('with a %s of a wrong type', (name) => {
    const current = { ...goodClaims }[name as keyof typeof goodClaims]
    const outcomes = [...wrongs, [current], { value: current }].map((wrong) => read({ [name]: wrong }).ok)
    expect(outcomes).not.toContain(true)
  })

  it.each(['exp', 'iat', 'nbf', 'epoch', 'aid'])('with a %s that is no safe whole number', (name) => {
    const outcomes = [Number.NaN, Infinity, 2 ** 53, -1, 0.5, `${nowSeconds}`, BigInt(3)].map((value) =>
      read({ [name]: value }),
    )
    for (const outcome of outcomes) expect(outcome).toEqual(malformed)
  })

  it.each([
    ['a scope, which would narrow the token', { scope: 'read' }],
    ['a key confirmation, which would bind it', { cnf: { jkt: 'x' } }],
    ['a role, which we never sign', { roles: ['Admin'] }],
    [
      'nested actors',
      { client_id: otherUserId, act: { sub: otherUserId, epoch: 2, act: { sub: userId, epoch: 2 } } },
    ],
    ['an actor without an epoch', { client_id: otherUserId, act: { sub: otherUserId } }],
    ['an actor whose epoch is no number', { client_id: otherUserId, act: { sub: otherUserId, epoch: '2' } }],
    ['an actor who is the subject', { act: { sub: userId, epoch: 2 } }],
    ['an actor but the key of the subject', { act: { sub: otherUserId, epoch: 2 } }],
    ["another user's key", { client_id: keyId.replace(userId.slice(4), otherUserId.slice(4)) }],
    ["another organization's key", { client_id: keyId.replace(organizationId.slice(4), 'zzzzzzzzzz') }],
    ["another user's id as client", { client_id: otherUserId }],
    ['a subject that is no user id', { sub: 'USER#1' }],
    ['a subject with a key in it', { sub: 'usr_0123456789abcde#' }],
    ['a subject with a newline', { sub: `${userId}\n` }],
    ['an organization that is none', { org: 'org_' }],
    ['a session id that is none', { jti: '../..' }],
    ['a very long session id', { jti: `ses_${'a'.repeat(2000)}` }],
    ['exp before iat', { exp: nowSeconds - 1, iat: nowSeconds }],
    ['exp at iat', { exp: nowSeconds, iat: nowSeconds }],
  ])('with %s', (_name, changed) => {
    expect(read(changed)).toEqual(malformed)
  })

  it.each([
    ['another origin', 'https://other.example.com'],
    ['a trailing slash', `${issuer}/`],
    ['another scheme', 'http://api.example.com'],
    ['capitals', issuer.toUpperCase()],
    ['a longer host', `${issuer}.attacker.example`],
    ['the start of it', issuer.slice(0, -1)],
    ['nothing', ''],
  ])('of another deployment: %s', (_name, other) => {
    expect(read({ iss: other })).toEqual(refusal('wrong_issuer'))
    expect(read({ aud: other })).toEqual(refusal('wrong_audience'))
  })

  it('with a list of audiences, even if ours is in it', () => {
    expect(read({ aud: [issuer] })).toEqual(malformed)
  })
})

describe('T2: time', () => {
  it('ends a session at exp, to the millisecond', () => {
    const end = goodClaims.exp * 1000
    expect(read({}, end - 1).ok).toBe(true)
    expect(read({}, end)).toEqual(refusal('expired'))
    expect(read({}, end + 1)).toEqual(refusal('expired'))
  })

  it.each(['iat', 'nbf'])('allows %s to lie ahead by the skew of two clocks, and no further', (name) => {
    const start = nowSeconds + 100
    const times = { exp: start + 900, [name]: start }
    expect(read(times, (start - clockSkewSeconds) * 1000).ok).toBe(true)
    expect(read(times, (start - clockSkewSeconds) * 1000 - 1)).toEqual(refusal('not_yet_valid'))
  })

  it('allows the longest lifetime, and not a second more', () => {
    const longest = nowSeconds + maximumSessionLifetimeSeconds
    expect(read({ exp: longest }).ok).toBe(true)
    expect(read({ exp: longest + 1 })).toEqual(refusal('lifetime_too_long'))
    expect(read({ exp: Number.MAX_SAFE_INTEGER })).toEqual(refusal('lifetime_too_long'))
  })

  it('cannot be held up by a token that was signed for ever ago', () => {
    expect(read({ iat: 0 })).toEqual(refusal('lifetime_too_long'))
  })
})

it('gives the same verdict on claims that arrive under a real signature', () => {
  const verify = verifierOf([key])
  expect(verify(craftedClaims(key, { ...goodClaims, iss: 'https://other.example' }))).toEqual(
    refusal('wrong_issuer'),
  )
  expect(verify(craftedClaims(key, { ...goodClaims, aud: 'https://other.example' }))).toEqual(
    refusal('wrong_audience'),
  )
  expect(verify(craftedClaims(key, { ...goodClaims, nbf: nowSeconds + 60 }))).toEqual(
    refusal('not_yet_valid'),
  )
  expect(verify(craftedClaims(key, { ...goodClaims, exp: nowSeconds, iat: nowSeconds - 9 }))).toEqual(
    refusal('expired'),
  )
  expect(verify(craftedClaims(key, { ...goodClaims, sub: 7 }))).toEqual(malformed)
})
