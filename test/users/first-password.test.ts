import { beforeAll, describe, expect, it } from 'vitest'
import type { Table } from '../../lib/table/document-client.ts'
import { createUser } from '../../lib/users/create-user.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import {
  dependenciesOf,
  dependenciesWithKey,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'
import { refusal } from '../policy/access-scene.ts'
import { formerHashes, formerPassword } from '../secrets/foreign-hashes.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>

beforeAll(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
})

const create = (body: NewUserBody, idempotencyKey: string | null = null) => {
  if (idempotencyKey === null) return createUser(dependenciesOf(table), organization.admin, body, origin)
  const dependencies = dependenciesWithKey(table, organization.admin, body, idempotencyKey)
  return dependencies.once(() => createUser(dependencies, organization.admin, body, origin))
}

const password = formerPassword
const passwordHash = formerHashes['bcrypt 2b'] ?? ''

describe('the first password of a user', () => {
  it.each([
    ['confirmPassword', { confirmPassword: password }],
    ['confirmPassword', { password, confirmPassword: `${password}!` }],
    ['confirmPassword', { passwordHash, confirmPassword: password }],
    ['passwordHash', { password, passwordHash }],
    ['passwordHash', { password, confirmPassword: password, passwordHash }],
  ])('is refused at %s for %j, and nobody is made', async (path, given) => {
    const before = (await allItems(table)).length
    expect(await refusal(create({ username: 'refused', ...given }))).toMatchObject({
      code: 'invalid_request',
      paths: [path],
    })
    expect(await allItems(table)).toHaveLength(before)
  })

  it('is the hash that was brought along, in the password item and nowhere else', async () => {
    const body = { username: 'brought', passwordHash }
    const { user } = await create(body, 'the key of a repeated creation')
    expect(await create(body, 'the key of a repeated creation')).toEqual({ user })
    const holding = (await allItems(table)).filter((item) => JSON.stringify(item).includes(passwordHash))
    expect(holding).toMatchObject([{ kind: 'password', userId: user.userId, passwordHash }])
    const other = { ...body, passwordHash: formerHashes['bcrypt 2a'] ?? '' }
    expect(await refusal(create(other, 'the key of a repeated creation'))).toMatchObject({
      code: 'idempotency_mismatch',
    })
  })

  it('may be confirmed, and what confirms it is not kept', async () => {
    const body = { username: 'confirmed', password, confirmPassword: password }
    const { user } = await create(body, 'the key of a confirmed creation')
    const stored = JSON.stringify(await allItems(table))
    expect(stored).toContain(user.userId)
    expect(stored.includes(password)).toBe(false)
  })
})
