import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { isSecret, namedBy } from '../../console/shell/pasted-id.ts'
import { newKeyId, newOrganizationId, newSecretOf, newUserId } from '../../lib/secrets/key-id.ts'

const userId = newUserId(randomBytes)
const keyId = newKeyId({ organizationId: newOrganizationId(randomBytes), userId }, randomBytes)
const token = newSecretOf('token', keyId, randomBytes)

it('leads from the id of a user to the user, and from a key id or a token to the credentials of its user', () => {
  expect(namedBy(userId)).toEqual({ what: 'user', path: `/users/${userId}`, tab: '' })
  for (const text of [keyId, token])
    expect(namedBy(text)).toEqual({ what: 'credential', path: `/users/${userId}`, tab: 'credentials' })
})

it('leads from the request id of API Gateway to the denial', () => {
  expect(namedBy('Thd9RJhAqQZeQcs=')).toMatchObject({ what: 'request', path: '/denials/Thd9RJhAqQZeQcs%3D' })
})

it('takes neither words nor parts of ids, and knows a secret by its first letters', () => {
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
  expect([token, newSecretOf('key', keyId, randomBytes), 'pst_'].map(isSecret)).toEqual([true, true, true])
  expect([keyId, userId, 'postern'].map(isSecret)).toEqual([false, false, false])
})
