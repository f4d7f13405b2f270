import { beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { createCredential, deleteCredential } from '../../lib/credentials/manage-credentials.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import type { KeyId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { wordNames } from '../../lib/table/schema.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { findUsers } from '../../lib/users/find-users.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { freshTable } from '../fresh-table.ts'
import { dependenciesOf, makeCaller, makeOrganization, origin } from '../organizations/organization.ts'

let table: Table
let own: Awaited<ReturnType<typeof makeOrganization>>
let foreign: KeyId
const made = new Map<string, { readonly userId: `usr_${string}`; readonly keyId: KeyId }>()
const keyOf = (username: string): KeyId => made.get(username)?.keyId ?? 'key_'

beforeAll(async () => {
  table = await freshTable(wordNames)
  own = await makeOrganization(table)
  const { dependencies, admin } = own
  for (const [username, kind] of [
    ['shop', 'key'],
    ['ledger', 'token'],
    ['branch', 'key'],
  ] as const) {
    const place = username === 'branch' ? { loginAccountGroup: 1 } : {}
    const { user } = await createUser(dependencies, admin, { username, ...place }, origin)
    const { userId } = user
    const { keyId } = await createCredential(dependencies, admin, userId, { name: 'live', kind }, origin)
    made.set(username, { userId, keyId })
  }
  const body = { name: 'Other', administrator: { username: 'other-admin' } }
  foreign = (await createOrganization(dependencies, admin, body, origin)).credential.keyId
})

const find = async (query: Parameters<typeof findUsers>[2], caller: Caller = own.admin) =>
  (await findUsers(dependenciesOf(table), caller, query)).users.map(({ username }) => username)

/** The names of what is read, in order. */
const readsOf = async (q: string, caller: Caller) => {
  const dependencies = dependenciesOf(table)
  const reads: string[] = []
  const noting =
    <A extends readonly unknown[], R>(name: string, read: (...given: A) => R) =>
    (...given: A): R => {
      reads.push(name)
      return read(...given)
    }
  const { users } = await findUsers(
    {
      readWords: noting('words', dependencies.readWords),
      readMembers: noting('members', dependencies.readMembers),
      readCredential: noting('credential', dependencies.readCredential),
    },
    caller,
    { q },
  )
  expect(users).toEqual([])
  return reads
}
const unknownOf = (keyId: KeyId): KeyId => `key_${keyId.slice(4, -4)}0000`

describe('a search for a key id', () => {
  it('finds the user of this key or token, and nobody else', async () => {
    expect(await find({ q: keyOf('shop') })).toEqual(['shop'])
    expect(await find({ q: ` ${keyOf('ledger')} ` })).toEqual(['ledger'])
    expect(await find({ q: unknownOf(keyOf('shop')) })).toEqual([])
    expect(await find({ q: keyOf('shop').slice(0, -1) })).toEqual([])
  })

  it('is narrowed by the filters', async () => {
    const q = keyOf('shop')
    expect(await find({ q, status: 'active', membership: 'home' })).toEqual(['shop'])
    expect(await find({ q, status: 'disabled' })).toEqual([])
    expect(await find({ q, role: 'Admin' })).toEqual([])
  })

  it('finds a user who is named after a key that is gone, as any username', async () => {
    const { dependencies, admin } = own
    const { user, credential } = await createUser(dependencies, admin, { generate: 'key' }, origin)
    const keyId = credential?.keyId ?? 'key_'
    expect(await find({ q: keyId })).toEqual([keyId])
    const { userId } = user
    const next = await createCredential(dependencies, admin, userId, { name: 'next', kind: 'key' }, origin)
    await deleteCredential(dependencies, admin, { userId, keyId }, origin)
    expect(await find({ q: keyId })).toEqual([keyId])
    expect(await find({ q: next.keyId })).toEqual([keyId])
  })

  it('tells nothing of keys of another organization, not even by what it reads', async () => {
    expect(await readsOf(foreign, own.admin)).toEqual(['words', 'members'])
    expect(await readsOf(unknownOf(foreign), own.admin)).toEqual(['words', 'members'])
  })

  it('tells nothing of users whom the caller does not manage, or whose credentials it may not read', async () => {
    const { admin } = own
    const { caller: looker } = await makeCaller(table, admin, {
      username: 'looker',
      permissions: { 'postern-users': 'read' },
    })
    const { caller: auditor } = await makeCaller(table, admin, {
      username: 'auditor',
      permissions: { 'postern-users': 'read', 'postern-credentials': 'read' },
    })
    const reach = 'organization'
    expect(await find({ q: keyOf('shop') }, { ...auditor, reach })).toEqual(['shop'])
    const ofBranch = { ...auditor, reach: new Set([1]) }
    expect(await find({ q: keyOf('branch') }, ofBranch)).toEqual(['branch'])
    for (const caller of [{ ...looker, reach } as const, ofBranch]) {
      const reads = await readsOf(keyOf('shop'), caller)
      expect(reads).toEqual(['credential', 'members', 'words', 'members'])
      expect(await readsOf(unknownOf(keyOf('shop')), caller)).toEqual(reads)
    }
  })

  it('refuses a whole secret, which belongs into no address', async () => {
    const { dependencies, admin } = own
    const userId = made.get('shop')?.userId ?? 'usr_'
    const secrets = await Promise.all(
      (['key', 'token'] as const).map(async (kind) => {
        const shown = await createCredential(dependencies, admin, userId, { name: kind, kind }, origin)
        return shown.kind === 'key' ? shown.secret : shown.token
      }),
    )
    for (const q of secrets) {
      expect(await refusalCode(find({ q: q ?? '' }))).toBe('invalid_request')
      await expect(find({ q: q ?? '' })).rejects.toMatchObject({ errors: [{ path: 'q' }] })
    }
  })
})
