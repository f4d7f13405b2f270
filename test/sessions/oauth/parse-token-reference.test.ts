import { describe, expect, it } from 'vitest'
import { parseTokenReference } from '../../../lib/sessions/oauth/parse-token-reference.ts'
import { basic, request } from './oauth-request.ts'

const authorization = basic('key_1', 'pst_s')
const refusedAs = (error: string) => ({ ok: false, refusal: expect.objectContaining({ error }) })

describe('a request for introspection (RFC 7662) or revocation (RFC 7009)', () => {
  it.each([
    ['Basic', 'token=eyJ.a.b', authorization, 'client_secret_basic'],
    ['the body', 'token=eyJ.a.b&client_id=key_1&client_secret=pst_s', undefined, 'client_secret_post'],
  ])('names a token, and a client by %s', (_name, form, header, method) => {
    expect(parseTokenReference(request(form, { authorization: header }))).toEqual({
      ok: true,
      reference: { token: 'eyJ.a.b', client: { method, clientId: 'key_1', clientSecret: 'pst_s' } },
    })
  })

  it.each(['access_token', 'refresh_token', 'nonsense', ''])('may carry any hint: %j is ignored', (hint) => {
    expect(parseTokenReference(request(`token=x&token_type_hint=${hint}`, { authorization })).ok).toBe(true)
  })

  it('takes any text for a token, to answer that it is not one', () => {
    const form = new URLSearchParams({ token: '\0 é 🔑 &=%' }).toString()
    expect(parseTokenReference(request(form, { authorization }))).toMatchObject({
      reference: { token: '\0 é 🔑 &=%' },
    })
  })

  it.each([
    ['no client', 'token=x', undefined],
    ['Bearer', 'token=x', 'Bearer eyJ.a.b'],
    ['half a client', 'token=x&client_id=key_1', undefined],
    ['no client and no token: who is nobody hears nothing else', '', undefined],
  ])('is refused as invalid_client with %s', (_name, form, header) => {
    expect(parseTokenReference(request(form, { authorization: header }))).toEqual(refusedAs('invalid_client'))
  })

  it.each([
    ['no token', 'token_type_hint=access_token'],
    ['an empty token', 'token='],
    ['two tokens', 'token=a&token=b'],
    ['a second way to authenticate', 'token=x&client_id=key_1&client_secret=pst_s'],
    ['a broken escape', 'token=%'],
  ])('is refused as invalid_request with %s', (_name, form) => {
    expect(parseTokenReference(request(form, { authorization }))).toEqual(refusedAs('invalid_request'))
  })

  it('is refused when the body is no form', () => {
    expect(parseTokenReference(request(null, { authorization }))).toEqual(refusedAs('invalid_request'))
  })
})
