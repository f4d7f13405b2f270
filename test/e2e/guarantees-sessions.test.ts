import type { JsonWebKey, KeyObject } from 'node:crypto'
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect } from 'vitest'
import { withinCacheTime } from './customer.ts'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import { it } from './kit.ts'
import type { Ask, Laptop } from './laptop.ts'
import { ask } from './laptop.ts'
import type { Created } from './tester.ts'
import { basic, makeUser, sessionOf, statusesWith, told } from './tester.ts'

let laptop: Laptop
let inside: Inside
/** A session that is good: every forgery below is a change of it. */
let good: string

const password = 'a passphrase of the owner'
const accepted = { own: 200, behindAuthorizer: 200 }
const rejected = { own: 401, behindAuthorizer: 403 }

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  inside = await lookInside(laptop)
  await makeUser(laptop, { username: 'holder', password, permissions: { orders: 'read' } })
  good = await sessionOf(laptop, 'holder', password)
})

const encoded = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const partsOf = (token: string) => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  return { header, payload, signature, headerFields: read(header), claims: read(payload) }
}
const signedWith = (key: KeyObject, header: unknown, claims: unknown): string => {
  const input = `${encoded(header)}.${encoded(claims)}`
  return `${input}.${sign('RSA-SHA256', Buffer.from(input), key).toString('base64url')}`
}
const expectRejected = async (tokens: Readonly<Record<string, string>>) => {
  for (const [name, token] of Object.entries(tokens))
    expect([name, await statusesWith(laptop, `Bearer ${token}`)]).toEqual([name, rejected])
}
const publishedKey = async (): Promise<JsonWebKey> => {
  const jwks = (await ask(`${laptop.api}/.well-known/jwks.json`)).json as { keys: JsonWebKey[] }
  return jwks.keys[0] ?? {}
}
const form = (fields: Record<string, string> | string, given: Ask & { path?: string } = {}) =>
  ask(`${laptop.api}${given.path ?? '/oauth/token'}`, {
    ...given,
    raw: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...given.headers },
  })

describe('session tokens under attack', () => {
  it('T1: rejects every token that chooses its own algorithm or key, and fetches nothing', async () => {
    let fetched = 0
    const attackersKeys = createServer((_, response) => {
      fetched += 1
      response.end(JSON.stringify({ keys: [attackersKey] }))
    }).listen(0, '127.0.0.1')
    await once(attackersKeys, 'listening')
    const url = `http://127.0.0.1:${(attackersKeys.address() as AddressInfo).port}/keys`
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const attackersKey = { ...publicKey.export({ format: 'jwk' }), kid: 'mine', use: 'sig', alg: 'RS256' }
    const { header, payload, headerFields, claims } = partsOf(good)
    const published = createPublicKey({ key: await publishedKey(), format: 'jwk' })
    const hmac = (secret: string | Buffer) => {
      const input = `${encoded({ ...headerFields, alg: 'HS256' })}.${payload}`
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    }
    const unsigned = (alg: string) => `${encoded({ ...headerFields, alg })}.${payload}.`
    const own = (more: object) => signedWith(privateKey, { ...headerFields, ...more }, claims)
    const kids = ['', '../../dev/null', "' OR 1=1 --", 'x\u0000', 'http://127.0.0.1/', 'k'.repeat(2000)]
    await expectRejected({
      none: unsigned('none'),
      None: unsigned('NonE'),
      'no signature': `${header}.${payload}.`,
      'HS256 with the PEM': hmac(published.export({ format: 'pem', type: 'spki' })),
      'HS256 with the DER': hmac(published.export({ format: 'der', type: 'spki' })),
      'HS256 with the JWK': hmac(JSON.stringify(await publishedKey())),
      'own key under the known kid': own({}),
      'embedded jwk': own({ jwk: attackersKey }),
      'embedded jwk, own kid': own({ jwk: attackersKey, kid: 'mine' }),
      jku: own({ jku: url, kid: 'mine' }),
      x5u: own({ x5u: url, kid: 'mine' }),
      x5c: own({ x5c: [publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] }),
      crit: signedWith(inside.signingKey(), { ...headerFields, crit: ['exp'] }, claims),
      'known key, jku beside': signedWith(inside.signingKey(), { ...headerFields, jku: url }, claims),
      ...Object.fromEntries(kids.map((kid) => [`kid ${kid.slice(0, 20)}`, own({ kid })])),
    })
    attackersKeys.close()
    expect(fetched).toBe(0)
    expect(await statusesWith(laptop, `Bearer ${good}`)).toEqual(accepted)
  })

  it('T2: rejects wrong issuers, audiences, types and times, even under the right signature', async () => {
    const { headerFields, claims } = partsOf(good)
    const now = Math.floor(Date.now() / 1000)
    const again = (changed: object, header: object = {}) => {
      const all = Object.entries({ ...claims, ...changed }).filter(([, value]) => value !== undefined)
      return signedWith(inside.signingKey(), { ...headerFields, ...header }, Object.fromEntries(all))
    }
    expect(await statusesWith(laptop, `Bearer ${again({})}`)).toEqual(accepted)
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const [ofUser, membershipId, ofMembership] = String(claims.epoch).split('.')
    // Known by its signature, it is refused for what it is not for, wherever that is.
    const forOther = `Bearer ${again({ aud: 'https://other.example' })}`
    expect(await statusesWith(laptop, forOther)).toEqual({ own: 403, behindAuthorizer: 403 })
    const forDemo = `Bearer ${again({ aud: 'https://demo.postern.example' })}`
    expect(await statusesWith(laptop, forDemo)).toEqual({ own: 403, behindAuthorizer: 200 })
    await expectRejected({
      iss: again({ iss: 'https://other.example' }),
      'iss with a slash': again({ iss: `${claims.iss}/` }),
      'no iss': again({ iss: undefined }),
      'aud list': again({ aud: [claims.aud, 'https://other.example'] }),
      'no aud': again({ aud: undefined }),
      'typ JWT': again({}, { typ: 'JWT' }),
      'typ id token': again({}, { typ: 'id+jwt' }),
      expired: again({ exp: now - 1, iat: now - 900 }),
      'no exp': again({ exp: undefined }),
      'exp as text': again({ exp: String(claims.exp) }),
      'for ever': again({ exp: 99_999_999_999 }),
      'not yet': again({ nbf: now + 60 }),
      'from the future': again({ iat: now + 600, exp: now + 1200 }),
      'aud empty': again({ aud: '' }),
      'another epoch of the user': again({ epoch: `${Number(ofUser) + 1}.${membershipId}.${ofMembership}` }),
      'another epoch of the membership': again({
        epoch: `${ofUser}.${membershipId}.${Number(ofMembership) + 1}`,
      }),
      'another membership': again({ epoch: `${ofUser}.mem_000000000000.${ofMembership}` }),
      'epoch as a number': again({ epoch: Number(ofUser) }),
      'no epoch': again({ epoch: undefined }),
      'somebody else': again({ sub: 'usr_0000000000000000', client_id: 'usr_0000000000000000' }),
      'another organization': again({ org: 'org_0000000000' }),
      'acting for somebody': again({ act: { sub: 'usr_0000000000000000', epoch: claims.epoch } }),
      'another deployment': signedWith(privateKey, headerFields, claims),
    })
  })

  it('T3: rejects every other spelling of a good token', async () => {
    const { header, payload, signature } = partsOf(good)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // 256 bytes end in a character of which the last four bits say nothing: its neighbour decodes to the same bytes.
    const last = alphabet.indexOf(signature.slice(-1))
    const strayBits = `${signature.slice(0, -1)}${alphabet[last ^ 1]}`
    expect(Buffer.from(strayBits, 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
    await expectRejected({
      'stray bits': `${header}.${payload}.${strayBits}`,
      padded: `${header}.${payload}.${signature}==`,
      'padded header': `${header}=.${payload}.${signature}`,
      'standard alphabet': `${header}.${payload}.${Buffer.from(signature, 'base64url').toString('base64')}`,
      'a fourth part': `${good}.`,
      'a fifth part': `${good}.${payload}.${signature}`,
      'a comma': `${good},`,
      'blank inside': `${header}. ${payload}.${signature}`,
      'tab inside': `${header}.${payload}.\t${signature}`,
      'two tokens': `${good} ${good}`,
      quoted: `"${good}"`,
      'JSON form': encoded({ protected: header, payload, signature }),
      'percent-encoded': good.replaceAll('.', '%2e'),
      'line break': `${header}.${payload}.${signature.slice(0, 10)}%0a${signature.slice(10)}`,
      'upper case': good.toUpperCase(),
      'cut short': good.slice(0, -1),
    })
    expect(await statusesWith(laptop, `Bearer  ${good}`)).toEqual(rejected)
    expect(await statusesWith(laptop, `Bearer ${good}, Bearer ${good}`)).toEqual(rejected)
    expect(await statusesWith(laptop, `bEARER ${good}`)).toEqual(accepted)
  })

  it('T4: denies a disabled user, a deleted key, a changed role and a changed whitelist within the bound', async () => {
    const ended = async (authorizations: readonly string[], ownStatus: number) => {
      for (const authorization of authorizations) {
        expect((await statusesWith(laptop, authorization)).own).toBe(ownStatus)
        const behind = async () => (await statusesWith(laptop, authorization)).behindAuthorizer
        await expect.poll(behind, withinCacheTime).toBe(403)
      }
    }
    const start = async (username: string, access: object = { permissions: { orders: 'read' } }) => {
      const made = await makeUser(laptop, { username, password, ...access, generate: 'token' })
      const session = `Bearer ${await sessionOf(laptop, username, password)}`
      const token = `Bearer ${made.credential.token}`
      for (const one of [session, token]) expect(await statusesWith(laptop, one)).toEqual(accepted)
      const change = (body: object, path = '') =>
        laptop.admin(`/v1/users/${made.user.userId}${path}`, { method: path === '' ? 'PATCH' : 'PUT', body })
      return { ...made, session, token, change }
    }
    const cases = [
      async () => {
        const disabled = await start('disabled')
        await disabled.change({ status: 'disabled' })
        await ended([disabled.session, disabled.token], 401)
        await disabled.change({ status: 'active' })
        expect((await statusesWith(laptop, disabled.token)).own).toBe(200)
        // The session died with the old epoch: enabling the user again does not bring it back.
        await ended([disabled.session], 401)
      },
      async () => {
        const keyless = await makeUser(laptop, {
          username: 'keyless',
          permissions: { orders: 'read' },
          generate: 'key',
        })
        const { keyId, secret } = keyless.credential
        const key = basic(keyId, secret)
        const opened = await form({ grant_type: 'client_credentials' }, { headers: key })
        const fromKey = `Bearer ${(opened.json as { access_token: string }).access_token}`
        for (const one of [key.authorization, fromKey])
          expect(await statusesWith(laptop, one)).toEqual(accepted)
        await laptop.admin(`/v1/users/${keyless.user.userId}/keys/${keyId}`, { method: 'DELETE' })
        await ended([key.authorization, fromKey], 401)
      },
      async () => {
        const demoted = await start('demoted', { role: 'Regular User' })
        await demoted.change({ role: 'User' })
        await ended([demoted.session], 401)
        await ended([demoted.token], 200)
      },
      async () => {
        const stripped = await start('stripped', { permissions: { orders: 'read' } })
        await stripped.change({ permissions: {} })
        await ended([stripped.token], 200)
      },
      async () => {
        const moved = await start('moved')
        await moved.change({ entries: ['192.0.2.1'] }, '/whitelist')
        await ended([moved.token], 403)
        await ended([moved.session], 403)
      },
      async () => {
        const loggedOut = await start('logged-out')
        const headers = { authorization: loggedOut.session }
        expect((await ask(`${laptop.api}/v1/auth/logout`, { method: 'POST', headers })).status).toBe(204)
        await ended([loggedOut.session], 401)
      },
    ]
    await Promise.all(cases.map((run) => run()))
  })

  it('T5: answers what is no token request with the errors of RFC 6749', async () => {
    const { credential } = await makeUser(laptop, { username: 'client', generate: 'key' })
    const { keyId, secret } = credential
    const proof = { client_id: keyId, client_secret: secret }
    const grant = { grant_type: 'client_credentials' }
    const query = (text: string) => ({ path: `/oauth/token?${text}` })
    const text = new URLSearchParams({ ...grant, ...proof }).toString()
    const cases: [string, Awaited<ReturnType<typeof form>>, number, string][] = [
      [
        'password grant',
        await form({ ...proof, grant_type: 'password', username: 'holder', password }),
        400,
        'unsupported_grant_type',
      ],
      ['unknown grant', await form({ ...proof, grant_type: 'implicit' }), 400, 'unsupported_grant_type'],
      ['refresh grant', await form({ ...proof, grant_type: 'refresh_token' }), 400, 'unsupported_grant_type'],
      ['no grant', await form(proof), 400, 'invalid_request'],
      ['grant twice', await form(`${text}&grant_type=client_credentials`), 400, 'invalid_request'],
      ['client twice', await form(`${text}&client_id=${keyId}`), 400, 'invalid_request'],
      [
        'secret in the query',
        await form(grant, query(new URLSearchParams(proof).toString())),
        400,
        'invalid_request',
      ],
      [
        'grant in the query',
        await form(proof, query('grant_type=client_credentials')),
        400,
        'invalid_request',
      ],
      [
        'two ways at once',
        await form({ ...grant, ...proof }, { headers: basic(keyId, secret) }),
        400,
        'invalid_request',
      ],
      [
        'as JSON',
        await ask(`${laptop.api}/oauth/token`, { body: { ...grant, ...proof } }),
        400,
        'invalid_request',
      ],
      ['no client', await form(grant), 401, 'invalid_client'],
      [
        'wrong secret',
        await form({ ...grant, client_id: keyId, client_secret: `pst_${'0'.repeat(49)}` }),
        401,
        'invalid_client',
      ],
      [
        'unknown client',
        await form(grant, { headers: basic(`key_${'0'.repeat(36)}`, secret) }),
        401,
        'invalid_client',
      ],
      [
        'password as secret',
        await form(grant, { headers: basic('holder', password) }),
        401,
        'invalid_client',
      ],
      ['scope', await form({ ...grant, ...proof, scope: 'admin' }), 400, 'invalid_scope'],
    ]
    for (const [name, reply, status, error] of cases) {
      expect([name, reply.status, reply.json]).toEqual([name, status, expect.objectContaining({ error })])
      expect([name, reply.headers['cache-control'], reply.text.includes(secret)]).toEqual([
        name,
        'no-store',
        false,
      ])
    }
    const right = await form({ ...grant, ...proof })
    expect(right.json).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) })
  })

  it('T6: says of an unknown, foreign, dead or altered token exactly that it is not active', async () => {
    const { credential } = await makeUser(laptop, { username: 'resource', generate: 'key' })
    const introspect = (token: string) =>
      form({ token }, { path: '/oauth/introspect', headers: basic(credential.keyId, credential.secret) })
    const foreign = (
      await laptop.admin('/v1/organizations', {
        body: { name: 'Others', administrator: { username: 'others-admin' } },
      })
    ).json as Created
    const { user } = await makeUser(laptop, { username: 'disabled-holder', password })
    const dead = await sessionOf(laptop, 'disabled-holder', password)
    await laptop.admin(`/v1/users/${user.userId}`, { method: 'PATCH', body: { status: 'disabled' } })
    const { headerFields, claims } = partsOf(good)
    const now = Math.floor(Date.now() / 1000)
    const expired = signedWith(inside.signingKey(), headerFields, { ...claims, exp: now - 1, iat: now - 900 })
    const tokens = {
      unknown: 'nothing',
      opaque: `pst_${'0'.repeat(36)}_${'0'.repeat(49)}`,
      foreign: foreign.credential.token,
      disabled: dead,
      expired,
      altered: `${good.slice(0, -2)}${good.endsWith('AA') ? 'BB' : 'AA'}`,
      username: 'holder',
    }
    expect((await introspect(good)).json).toMatchObject({ active: true, username: 'holder' })
    const answers = await Promise.all(Object.values(tokens).map(introspect))
    for (const [index, answer] of answers.entries())
      expect([Object.keys(tokens)[index], answer.status, answer.text]).toEqual([
        Object.keys(tokens)[index],
        200,
        '{"active":false}\n',
      ])
    const withoutCount = (reply: Awaited<ReturnType<typeof form>>) => {
      const { headers, ...rest } = told(reply)
      return { ...rest, names: Object.keys(headers) }
    }
    for (const answer of answers) expect(withoutCount(answer)).toEqual(withoutCount(answers[0] ?? answer))
    expect((await form({ token: good }, { path: '/oauth/introspect' })).status).toBe(401)
  })
})
