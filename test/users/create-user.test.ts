import { beforeAll, describe, expect, it } from 'vitest'
import { rotateCredential } from '../../lib/credentials/manage-credentials.ts'
import { readMember } from '../../lib/identity/user-store.ts'
import { KeyId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import {
  dependenciesOf,
  dependenciesWithKey,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>

beforeAll(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
})

const create = (body: Parameters<typeof createUser>[2], idempotencyKey: string | null = null) => {
  if (idempotencyKey === null) return createUser(dependenciesOf(table), organization.admin, body, origin)
  const dependencies = dependenciesWithKey(table, organization.admin, body, idempotencyKey)
  return dependencies.once(() => createUser(dependencies, organization.admin, body, origin))
}

describe('createUser', () => {
  it('gives one username to one of forty racers and leaves no orphans of the others (U6)', async () => {
    const before = (await allItems(table)).length
    const spellings = ['Racer', 'racer', 'RACER', 'rAcEr']
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        refusalCode(create({ username: spellings[index % 4] ?? '', email: 'r@x.example' })),
      ),
    )
    expect(outcomes.filter((code) => code === 'ok')).toHaveLength(1)
    expect(outcomes.filter((code) => code === 'username_taken')).toHaveLength(39)
    const kinds = (await allItems(table))
      .slice(0)
      .filter((item) => JSON.stringify(item).toLowerCase().includes('racer'))
    // Beside these the e-mail entry, and the claim of its number.
    expect((await allItems(table)).length - before).toBe(6)
    expect(kinds.map((item) => item['kind']).sort()).toEqual([
      'audit',
      'membership',
      'user',
      'username-claim',
    ])
  })

  it('names a user without a username by the key that it generates, whatever becomes of that key', async () => {
    const { user, credential } = await create({ generate: 'key' })
    expect(user.username).toMatch(/^key_[0-9a-z]{36}$/)
    expect(user).toMatchObject({ username: credential?.keyId, name: credential?.keyId })
    const target = { userId: user.userId, keyId: KeyId.parse(user.username) }
    const next = await rotateCredential(dependenciesOf(table), organization.admin, target, {}, origin)
    expect(next.keyId).not.toBe(user.username)
    const member = await readMember(table, user.userId, organization.organizationId)
    expect(member?.user.username).toBe(user.username)
  })

  it('carries out a repeated request once and gives its answer again, secret included (F1)', async () => {
    const body = { username: 'repeated', generate: 'key' as const }
    const [first, second] = [await create(body, 'c0ffee-1'), await create(body, 'c0ffee-1')]
    expect(second).toEqual(first)
    expect(first.credential?.secret).toMatch(/^pst_/)
    const users = (await allItems(table)).filter(
      (item) => item['username'] === 'repeated' && item['kind'] === 'user',
    )
    expect(users).toHaveLength(1)
  })

  it('gives forty concurrent repetitions one user and one answer', async () => {
    const body = { username: 'stampede', generate: 'token' as const }
    const answers = await Promise.all(Array.from({ length: 40 }, () => create(body, 'stampede-key')))
    expect(new Set(answers.map((answer) => answer.credential?.token)).size).toBe(1)
  })

  it('refuses another body under the same Idempotency-Key', async () => {
    await create({ username: 'mismatch-a' }, 'key-of-two')
    expect(await refusalCode(create({ username: 'mismatch-b' }, 'key-of-two'))).toBe('idempotency_mismatch')
  })

  it('stores no secret, no password and no idempotency key in clear (F5)', async () => {
    const password = 'canary horse battery staple'
    const { credential } = await create(
      { username: 'canary', password, generate: 'key' },
      'canary-idempotency-key',
    )
    const secret = credential?.secret
    if (secret === undefined) throw new Error('no secret was made')
    const stored = JSON.stringify(await allItems(table))
    for (const canary of [password, secret, organization.token, 'canary-idempotency-key']) {
      expect(stored).not.toContain(canary)
      expect(stored).not.toContain(Buffer.from(canary).toString('base64').replace(/=+$/, ''))
    }
  })

  it('refuses to grant a role that the caller does not hold (U3)', async () => {
    const { caller } = await makeCaller(table, organization.admin, {
      username: 'helpdesk',
      role: 'User',
      permissions: { 'postern-users': 'write', orders: 'read' },
    })
    const asHelpdesk = (body: Parameters<typeof createUser>[2]) =>
      refusalCode(createUser(dependenciesOf(table), caller, body, origin))
    expect(await asHelpdesk({ username: 'u3-admin', role: 'Admin' })).toBe('grant_not_held')
    expect(await asHelpdesk({ username: 'u3-write', permissions: { orders: 'write' } })).toBe(
      'grant_not_held',
    )
    expect(await asHelpdesk({ username: 'u3-any', endpoints: ['* /*'] })).toBe('grant_not_held')
    expect(await asHelpdesk({ username: 'u3-endpoint', endpoints: ['GET /orders/{id}'] })).toBe('ok')
    expect(await asHelpdesk({ username: 'u3-read', permissions: { orders: 'read' } })).toBe('ok')
  })

  it('names the section that does not exist', async () => {
    await expect(create({ username: 'typo', permissions: { ordres: 'read' } })).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'permissions.ordres' }],
    })
  })

  it('refuses passwords by the rules, and says which', async () => {
    const refused = (password: string) => refusalCode(create({ username: `p-${password.length}`, password }))
    expect(await refused('short')).toBe('password_rejected')
    expect(await refused('password123')).toBe('password_rejected')
    expect(await refused('x'.repeat(1025))).toBe('password_rejected')
    expect(await refusalCode(create({ username: 'tyk-call', password: 'thisisatest' }))).toBe('ok')
  })
})
