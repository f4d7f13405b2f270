import { describe, expect, it } from 'vitest'
import { parseTokenRequest } from '../../../lib/sessions/oauth/parse-token-request.ts'
import { basic, request } from './oauth-request.ts'

const shop = 'https://shop.example'
const encodedShop = encodeURIComponent(shop)
const parse = (form: string | null, given: Parameters<typeof request>[1] = {}) =>
  parseTokenRequest(request(form, given))
const withBasic = (form: string, authorization = basic('key_1', 'pst_s')) => parse(form, { authorization })
const refusedAs = (error: string) => ({ ok: false, refusal: expect.objectContaining({ error }) })
const grant = 'grant_type=client_credentials'
const post = `${grant}&client_id=key_1&client_secret=pst_s`
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const jwt = 'urn:ietf:params:oauth:token-type:jwt'

describe('client_credentials', () => {
  it('takes the client from Basic', () => {
    expect(withBasic(grant)).toEqual({
      ok: true,
      request: {
        grant: 'client_credentials',
        client: { method: 'client_secret_basic', clientId: 'key_1', clientSecret: 'pst_s' },
        audience: null,
      },
    })
  })

  it('takes the client from the body', () => {
    expect(parse(post)).toEqual({
      ok: true,
      request: {
        grant: 'client_credentials',
        client: { method: 'client_secret_post', clientId: 'key_1', clientSecret: 'pst_s' },
        audience: null,
      },
    })
  })

  it.each([
    ['a client id repeated in the body', `${grant}&client_id=key_1`],
    ['parameters that nobody knows (RFC 6749 section 3.2: ignored)', `${grant}&foo=bar&nonce=1`],
    ['parameters without a value, as if they were not there', `${grant}&scope=&client_secret=&audience`],
    ['empty pairs', `&&${grant}&`],
  ])('goes with %s', (_name, form) => {
    expect(withBasic(form).ok).toBe(true)
  })

  it.each([
    ['another case of the scheme', basic('key_1', 'pst_s').replace('Basic', 'bASIC'), 'key_1', 'pst_s'],
    ['base64 without padding', basic('key_1', 'pst_se').replace(/=+$/, ''), 'key_1', 'pst_se'],
    ['both halves form-encoded', basic('a%3Ab%2Bc+d', 'p%3Aq%25+%C3%A9'), 'a:b+c d', 'p:q% é'],
    ['a colon in the secret', basic('key_1', 'a:b'), 'key_1', 'a:b'],
    ['nearly 8192 characters', basic('k', 'p'.repeat(6136)), 'k', 'p'.repeat(6136)],
  ])('reads Basic with %s (RFC 6749 section 2.3.1)', (_name, authorization, clientId, clientSecret) => {
    expect(withBasic(grant, authorization)).toMatchObject({
      ok: true,
      request: { client: { clientId, clientSecret } },
    })
  })
})

describe('T5: invalid_request', () => {
  it.each([
    ['no body', ''],
    ['no grant_type', 'client_id=key_1&client_secret=pst_s'],
    ['an empty grant_type', 'grant_type=&client_id=key_1&client_secret=pst_s'],
    ['grant_type twice', `${post}&${grant}`],
    ['grant_type twice, once empty', `${post}&grant_type=`],
    ['grant_type twice, first empty', `grant_type=&${post}`],
    ['grant_type twice, once in escapes', `${post}&%67rant_type=client_credentials`],
    ['client_id twice', `${post}&client_id=key_2`],
    ['client_secret twice', `${post}&client_secret=pst_s`],
    ['scope twice', `${post}&scope=a&scope=b`],
    ['an unknown parameter twice', `${post}&x=1&x=2`],
    ['a broken escape', `${post}&x=%zz`],
    ['a cut escape', `${post}&x=%4`],
    ['bytes that are no UTF-8', `${post}&x=%ff`],
    ['an overlong encoding', `${post}&x=%c0%af`],
    ['a broken escape in a name', `${post}&%=1`],
  ])('for %s', (_name, form) => {
    expect(parse(form)).toEqual(refusedAs('invalid_request'))
  })

  it('for more than 32 parameters, or more than 16,384 characters', () => {
    const padded = (count: number) =>
      `${post}&${Array.from({ length: count }, (_, n) => `p${n}=1`).join('&')}`
    const long = (length: number) => `${post}&x=`.padEnd(length, 'a')
    for (const form of [padded(29), long(16_384)]) expect(parse(form).ok).toBe(true)
    for (const form of [padded(30), long(16_385)]) expect(parse(form)).toEqual(refusedAs('invalid_request'))
  })

  it('for another content type', () => {
    expect(parse(null)).toEqual(refusedAs('invalid_request'))
  })

  it('for two ways of client authentication at once, even if they agree', () => {
    expect(withBasic(post)).toEqual(refusedAs('invalid_request'))
  })

  it('for a client_id that is not the client that authenticates', () => {
    expect(withBasic(`${grant}&client_id=key_2`)).toEqual(refusedAs('invalid_request'))
  })
})

describe('T5: unsupported_grant_type', () => {
  it.each([
    'password',
    'authorization_code',
    'refresh_token',
    'implicit',
    'CLIENT_CREDENTIALS',
    'client_credentials ',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:device_code',
    '__proto__',
  ])('for %j, before anybody looks at who asks', (grantType) => {
    const form = `grant_type=${encodeURIComponent(grantType)}`
    const expected = refusedAs('unsupported_grant_type')
    expect(parse(`${form}&username=u&password=p`)).toEqual(expected)
    expect(withBasic(form)).toEqual(expected)
    expect(withBasic(form, 'Basic !')).toEqual(expected)
  })
})

describe('invalid_client', () => {
  it.each([
    ['no client', grant],
    ['a client id alone: there are no public clients', `${grant}&client_id=key_1`],
    ['a secret alone', `${grant}&client_secret=pst_s`],
    ['an empty secret', `${grant}&client_id=key_1&client_secret=`],
    ['an assertion', `${grant}&client_id=key_1&client_assertion=eyJ`],
    ['an assertion beside a secret', `${post}&client_assertion=eyJ`],
    ['the type of an assertion beside a secret', `${post}&client_assertion_type=x`],
  ])('for %s', (_name, form) => {
    expect(parse(form)).toEqual(refusedAs('invalid_client'))
  })

  it.each([
    ['Bearer', 'Bearer eyJ.a.b'],
    ['a scheme alone', 'Basic'],
    ['nothing after the scheme', 'Basic '],
    ['two blanks', basic('key_1', 'pst_s').replace(' ', '  ')],
    ['no base64', 'Basic key_1:pst_s'],
    ['base64url', basic('key_1', '\u00ff\u00fe\u00ff?~').replaceAll('/', '_').replaceAll('+', '-')],
    ['stray bits in the last character', 'Basic a2V5XzE6cHN0X3N='],
    ['a newline', `${basic('key_1', 'pst_s')}\n`],
    ['no colon', `Basic ${Buffer.from('key_1').toString('base64')}`],
    ['an empty id', basic('', 'pst_s')],
    ['an empty secret', basic('key_1', '')],
    ['a broken escape in the id', basic('key%zz', 'pst_s')],
    ['a broken escape in the secret', basic('key_1', 'pst%')],
    ['two of them, joined by the gateway', `${basic('key_1', 'pst_s')},${basic('key_1', 'pst_s')}`],
    ['an empty header', ''],
    ['more than 8192 characters', basic('k', 'p'.repeat(6139))],
  ])('for an Authorization header with %s', (_name, authorization) => {
    expect(withBasic(grant, authorization)).toEqual(refusedAs('invalid_client'))
  })
})

describe('what a token cannot be asked for', () => {
  it.each(['read', 'openid', 'orders:read users:write', '"', '  '])(
    'a scope (%j): the client would believe that the token is narrow',
    (scope) => {
      expect(withBasic(`${grant}&scope=${encodeURIComponent(scope)}`)).toEqual(refusedAs('invalid_scope'))
    },
  )
})

describe('the target of a token (RFC 8707)', () => {
  it.each(['audience', 'resource'])('is what %s names, as it is written', (name) => {
    expect(withBasic(`${grant}&${name}=${encodedShop}`)).toMatchObject({ request: { audience: shop } })
  })

  it('may be named both ways, when both say the same', () => {
    const both = `${grant}&audience=${encodedShop}&resource=${encodedShop}`
    expect(withBasic(both)).toMatchObject({ request: { audience: shop } })
  })

  it.each([
    ['repeated', `resource=${encodedShop}&resource=${encodedShop}&audience=${encodedShop}`],
    ['repeated, once empty', `resource=${encodedShop}&resource=&audience`],
    ['spelt as a URL parser spells an origin', `resource=${encodedShop}&audience=${encodedShop}%2F`],
  ])('is still one when it is %s', (_name, targets) => {
    expect(withBasic(`${grant}&${targets}`)).toMatchObject({ request: { audience: shop } })
  })

  const other = encodeURIComponent('https://other.example')
  it.each([
    ['two names', `audience=${encodedShop}&resource=${other}`],
    ['a resource that stands twice', `resource=${encodedShop}&resource=${other}`],
    ['an audience that stands twice', `audience=${other}&audience=${encodedShop}`],
    ['two paths', `audience=${encodedShop}%2Fa&audience=${encodedShop}%2Fa%2F`],
  ])('is one: refused as invalid_target with %s', (_name, targets) => {
    expect(withBasic(`${grant}&${targets}`)).toEqual(refusedAs('invalid_target'))
  })

  it.each(['audience', 'resource'])('is left out when %s is empty', (name) => {
    expect(withBasic(`${grant}&${name}=`)).toMatchObject({ request: { audience: null } })
  })
})

describe('token exchange (RFC 8693)', () => {
  const form = (parameters: Readonly<Record<string, string>>) =>
    new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      ...parameters,
    }).toString()
  const least = { subject_token: 'eyJ.a.b', subject_token_type: accessToken }

  it('needs no more than a subject token and its type', () => {
    expect(parse(form(least))).toEqual({
      ok: true,
      request: {
        grant: 'token_exchange',
        client: null,
        subject: { text: 'eyJ.a.b', type: accessToken },
        actor: null,
        requestedSubject: null,
        audience: null,
      },
    })
  })

  it('takes a client, an actor, a requested type and a requested subject too', () => {
    const full = {
      ...least,
      subject_token_type: jwt,
      actor_token: 'pst_x',
      actor_token_type: accessToken,
      requested_token_type: accessToken,
      requested_subject: 'usr_1',
      resource: shop,
    }
    expect(withBasic(form(full))).toEqual({
      ok: true,
      request: {
        grant: 'token_exchange',
        client: { method: 'client_secret_basic', clientId: 'key_1', clientSecret: 'pst_s' },
        subject: { text: 'eyJ.a.b', type: jwt },
        actor: { text: 'pst_x', type: accessToken },
        requestedSubject: 'usr_1',
        audience: shop,
      },
    })
  })

  it.each([
    ['no subject token', { subject_token_type: accessToken }],
    ['an empty subject token', { ...least, subject_token: '' }],
    ['no type of the subject token', { subject_token: 'x' }],
    ['a type we do not take', { ...least, subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }],
    ['a short form of the type', { ...least, subject_token_type: 'access_token' }],
    ['an actor token without its type', { ...least, actor_token: 'x' }],
    ['an actor token of a type we do not take', { ...least, actor_token: 'x', actor_token_type: 'x' }],
    ['a type of no actor token', { ...least, actor_token_type: accessToken }],
    [
      'a wish for a type we do not make',
      { ...least, requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
    ],
  ])('is an invalid_request with %s', (_name, parameters) => {
    expect(parse(form(parameters))).toEqual(refusedAs('invalid_request'))
  })

  it('does not let a broken client pass as no client', () => {
    expect(withBasic(form(least), 'Basic !')).toEqual(refusedAs('invalid_client'))
    expect(parse(form({ ...least, client_id: 'key_1' }))).toEqual(refusedAs('invalid_client'))
  })

  it('is for one target, like every grant', () => {
    const targets = { audience: 'https://other.example', resource: shop }
    expect(parse(form({ ...least, ...targets }))).toEqual(refusedAs('invalid_target'))
  })
})
