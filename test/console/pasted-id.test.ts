import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { isSecret, keyIdIn, namedBy, searchable } from '../../console/client/pasted-id.ts'
import { newKeyId, newOrganizationId, newSecretOf, newUserId } from '../../lib/secrets/key-id.ts'

const userId = newUserId(randomBytes)
const keyId = newKeyId({ organizationId: newOrganizationId(randomBytes), userId }, randomBytes)
const token = newSecretOf('token', keyId, randomBytes)

const secret = newSecretOf('key', keyId, randomBytes)

it('leads from the id of a user to the user, and from a key id to this credential of its user', () => {
  expect(namedBy(userId)).toEqual({ what: 'user', path: `/users/${userId}`, query: {} })
  const query = { tab: 'credentials', key: keyId }
  expect(namedBy(keyId)).toEqual({ what: 'credential', path: `/users/${userId}`, query })
})

it('cuts a token, and a key with its secret, to the key id', () => {
  for (const text of [
    token,
    ` ${token}\n`,
    `Bearer ${token}`,
    `${keyId}:${secret}`,
    `keyId=${keyId} status=401`,
  ])
    expect([keyIdIn(text), searchable(text)]).toEqual([keyId, keyId])
})

it('lets nothing of another secret be searched', () => {
  const basic = Buffer.from(`${keyId}:${secret}`).toString('base64')
  const header = Buffer.from('{"alg":"RS256"}').toString('base64url')
  for (const text of [
    secret,
    `secret: ${secret}`,
    secret.slice(0, -1),
    `pst_s${keyId.slice(4)}_${'a'.repeat(49)}`,
    `Basic ${basic}`,
    // With secrets of another system, which were imported.
    `Authorization: Basic ${Buffer.from('acme-shop:0123456789').toString('base64')}`,
    `bearer 5f2c9a7e41b84d1e9f0a`,
    `${header}.${Buffer.from('{"iss":"x"}').toString('base64url')}.c2ln`,
  ])
    expect([text, searchable(text), isSecret(text)]).toEqual([text, null, true])
})

it('leaves other texts as they are', () => {
  for (const text of [
    '',
    'ada love',
    'key',
    'key_',
    userId,
    `${keyId}0`,
    'acmepst_1',
    'eyjafjall',
    'Basic Books',
    'bearer of bad news, as ever again',
    'a@b.example',
  ])
    expect([searchable(text), isSecret(text)]).toEqual([text, false])
})

it('leads from the request id of API Gateway to the denial', () => {
  expect(namedBy('Thd9RJhAqQZeQcs=')).toMatchObject({ what: 'request', path: '/denials/Thd9RJhAqQZeQcs%3D' })
})

it('takes neither words nor parts of ids', () => {
  for (const text of [
    '',
    'users',
    'usr_',
    userId.slice(0, -1),
    keyId.slice(0, -1),
    `${keyId}0`,
    'a@b.example=',
  ])
    expect(namedBy(text)).toBeNull()
})
