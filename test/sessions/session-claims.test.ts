import { describe, expect, it } from 'vitest'
import { maximumSessionLifetimeSeconds } from '../../lib/identity/stored-organization.ts'
import { clockSkewSeconds, readSessionClaims } from '../../lib/sessions/session-claims.ts'
import {
  actorEpoch,
  craftedClaims,
  goodClaims,
  issuer,
  keyId,
  newTestKey,
  now,
  nowSeconds,
  organizationId,
  otherUserId,
  signed,
  userId,
  verifierOf,
} from './crafted-token.ts'

const key = newTestKey()
const expected = { issuer, now }
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
      { act: { sub: otherUserId, epoch: actorEpoch }, client_id: otherUserId },
    ],
    [
      'with an actor who came with a key',
      {
        act: { sub: otherUserId, epoch: actorEpoch },
        client_id: keyId.replace(userId.slice(4), otherUserId.slice(4)),
      },
    ],
    ['with nbf now', { nbf: nowSeconds }],
    ['under the first epochs', { epoch: '0.mem_0123456789ab.0' }],
    ['under later ones', { epoch: '123456789012345.mem_0123456789ab.987654321098765' }],
    [
      'with an actor under later ones',
      {
        act: { sub: otherUserId, epoch: '123456789012345.mem_0123456789ab.12.987654321098765' },
        client_id: otherUserId,
      },
    ],
    ['for one protected API', { aud: 'https://shop.example' }],
    ['for an API with the longest audience', { aud: 'a'.repeat(512) }],
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
    // Any text may be an audience here; whose it is, the decision knows.
    const wrong = name === 'aud' ? wrongs.filter((value) => value !== 'x') : wrongs
    const outcomes = [...wrong, [current], { value: current }].map((value) => read({ [name]: value }).ok)
    expect(outcomes).not.toContain(true)
  })

  it.each(['exp', 'iat', 'nbf', 'aid'])('with a %s that is no safe whole number', (name) => {
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
      {
        client_id: otherUserId,
        act: { sub: otherUserId, epoch: actorEpoch, act: { sub: userId, epoch: actorEpoch } },
      },
    ],
    ['an actor without an epoch', { client_id: otherUserId, act: { sub: otherUserId } }],
    [
      'an actor whose epoch names no membership',
      { client_id: otherUserId, act: { sub: otherUserId, epoch: '2' } },
    ],
    ['an actor who is the subject', { act: { sub: userId, epoch: actorEpoch } }],
    ['an actor but the key of the subject', { act: { sub: otherUserId, epoch: actorEpoch } }],
    ["another user's key", { client_id: keyId.replace(userId.slice(4), otherUserId.slice(4)) }],
    ["another organization's key", { client_id: keyId.replace(organizationId.slice(4), 'zzzzzzzzzz') }],
    ["another user's id as client", { client_id: otherUserId }],
    ['a subject that is no user id', { sub: 'USER#1' }],
    ['a subject with a key in it', { sub: 'usr_0123456789abcde#' }],
    ['a subject with a newline', { sub: `${userId}\n` }],
    ['a subject behind something', { sub: `x${userId}`, client_id: `x${userId}` }],
    ['a subject and more', { sub: `${userId}x`, client_id: `${userId}x` }],
    ['an organization that is none', { org: 'org_' }],
    ['an organization behind something', { org: `x${organizationId}`, client_id: userId }],
    ['an organization and more', { org: `${organizationId}x`, client_id: userId }],
    ['a session id behind something', { jti: `x${goodClaims.jti}` }],
    ['an audience that is longer than any', { aud: 'a'.repeat(513) }],
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
  })

  it.each([
    ['a list, even if ours is the only one in it', [issuer]],
    ['a list of two', [issuer, 'https://shop.example']],
    ['nothing', ''],
    ['more text than any audience has', `https://${'a'.repeat(600)}.example`],
  ])('with an audience that is %s', (_name, aud) => {
    expect(read({ aud })).toEqual(malformed)
  })

  it.each([
    ['a number, as it once was', 3],
    ['one number', '3'],
    ['two numbers', '3.1'],
    ['no membership', '3..1'],
    ['a sign', '-3.mem_0123456789ab.1'],
    ['a membership in capitals', '3.mem_0123456789AB.1'],
    ['a shorter membership', '3.mem_0123456789a.1'],
    ['two parts more', '3.mem_0123456789ab.1.1.1'],
    ['a sign in the last part', '3.mem_0123456789ab.1.-1'],
    ['a newline', '3.mem_0123456789ab.1\n'],
  ])('with an epoch of %s', (_name, other) => {
    expect(read({ epoch: other })).toEqual(malformed)
    expect(read({ client_id: otherUserId, act: { sub: otherUserId, epoch: other } })).toEqual(malformed)
  })

  it('but for a part more in the epoch of whoever acts: its roles count their changes', () => {
    const counted = '3.mem_0123456789ab.1.2'
    expect(read({ client_id: otherUserId, act: { sub: otherUserId, epoch: counted } })).toMatchObject({
      ok: true,
    })
    expect(read({ epoch: counted })).toEqual(malformed)
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

describe('a signed session', () => {
  const act = { sub: otherUserId, epoch: actorEpoch }
  const actor = { userId: otherUserId, epoch: actorEpoch }

  it.each([
    [
      'of a key is for the issuer, from this second on',
      {},
      { aud: issuer, client_id: keyId, iat: nowSeconds },
    ],
    ['for an API names its audience', { audience: 'https://shop.example' }, { aud: 'https://shop.example' }],
    ['after a login with a password has its user as client', { keyId: null }, { client_id: userId }],
    ['of an actor has the actor as client', { keyId: null, actor }, { client_id: otherUserId, act }],
  ])('%s', async (_what, changed, claims) => {
    expect((await signed(key, changed)).claims).toMatchObject(claims)
  })

  it('is never one that would be refused', async () => {
    const lifetimeSeconds = maximumSessionLifetimeSeconds + 1
    await expect(signed(key, { lifetimeSeconds })).rejects.toThrow('lifetime_too_long')
  })
})

it('gives the same verdict on claims that arrive under a real signature', () => {
  const verify = verifierOf([key])
  expect(verify(craftedClaims(key, { ...goodClaims, iss: 'https://other.example' }))).toEqual(
    refusal('wrong_issuer'),
  )
  expect(verify(craftedClaims(key, { ...goodClaims, nbf: nowSeconds + 60 }))).toEqual(
    refusal('not_yet_valid'),
  )
  expect(verify(craftedClaims(key, { ...goodClaims, exp: nowSeconds, iat: nowSeconds - 9 }))).toEqual(
    refusal('expired'),
  )
  expect(verify(craftedClaims(key, { ...goodClaims, sub: 7 }))).toEqual(malformed)
})
