import { beforeAll, describe, expect, it } from 'vitest'
import { readCredentials } from '../../../lib/credentials/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  rotateCredential,
} from '../../../lib/credentials/manage-credentials.ts'
import { maximumCredentials } from '../../../lib/credentials/new-credential.ts'
import type { KeyId, UserId } from '../../../lib/secrets/key-id.ts'
import type { Table } from '../../../lib/table/document-client.ts'
import type { Write } from '../../../lib/table/transaction.ts'
import { writeTransaction } from '../../../lib/table/transaction.ts'
import { createUser } from '../../../lib/users/create-user.ts'
import { deleteUser } from '../../../lib/users/delete-user.ts'
import { refusalCode } from '../../contract/refusal-code.ts'
import { allItems, freshTable } from '../../fresh-table.ts'
import { dependenciesOf, makeOrganization, origin } from '../../organizations/organization.ts'
import { putAnything } from '../../table/put-anything.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>

beforeAll(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
})

const dependencies = () => dependenciesOf(table)
const user = async (username: string) =>
  (await createUser(dependencies(), organization.admin, { username }, origin)).user.userId
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
const create = (userId: UserId, expiresAt: string | null, over = dependencies()) =>
  createCredential(over, organization.admin, userId, { name: 't', kind: 'key', expiresAt }, origin)
const rotate = (userId: UserId, keyId: KeyId, body = {}) =>
  rotateCredential(dependencies(), organization.admin, { userId, keyId }, body, origin)
const entriesOf = async (userId: UserId) =>
  (await allItems(table)).filter((item) => item['kind'] === 'expiry-entry' && item['userId'] === userId)

describe('the entry of a credential that ends', () => {
  it('stands under the UTC day of its end, and goes away by itself some days later', async () => {
    const userId = await user('entered')
    const expiresAt = '2126-11-21T01:30:00+02:00'
    const { keyId, createdAt } = await create(userId, expiresAt)
    const at = Date.parse(expiresAt)
    expect(await entriesOf(userId)).toEqual([
      {
        pk: 'EXPIRY#2126-11-20',
        sk: `${organization.organizationId}#${userId}#${keyId}`,
        kind: 'expiry-entry',
        organizationId: organization.organizationId,
        userId,
        keyId,
        createdAt,
        expiresAt: new Date(at).toISOString(),
        warnedAt: null,
        expiresAtSeconds: at / 1000 + 3 * 86_400,
      },
    ])
  })

  it('is not made for one that never ends', async () => {
    const userId = await user('endless')
    await create(userId, null)
    expect(await entriesOf(userId)).toEqual([])
  })

  it('is not there when the credential could not be made', async () => {
    const userId = await user('unmade')
    const unwritable = (write: Write): Write =>
      write.label === 'audit' && 'put' in write
        ? putAnything(write.label, { ...write.put, tooLarge: 'x'.repeat(410 * 1024) })
        : write
    const attempt = create(userId, inDays(30), {
      ...dependencies(),
      write: (writes) => writeTransaction(table, writes.map(unwritable)),
    })
    expect(await refusalCode(attempt)).toBe('temporarily_unavailable')
    expect(await entriesOf(userId)).toEqual([])
  })

  it('goes with the credential', async () => {
    const userId = await user('deleted')
    const { keyId } = await create(userId, inDays(30))
    const other = await create(userId, inDays(30))
    await deleteCredential(dependencies(), organization.admin, { userId, keyId }, origin)
    expect((await entriesOf(userId)).map((entry) => entry['keyId'])).toEqual([other.keyId])
  })

  it('passes from a rotated credential to its successor, and none is made for an overlap', async () => {
    const userId = await user('rotated')
    const { keyId } = await create(userId, inDays(30))
    const second = await rotate(userId, keyId)
    const third = await rotate(userId, keyId)
    const entries = await entriesOf(userId)
    expect(entries.map((entry) => entry['keyId']).toSorted()).toEqual([second.keyId, third.keyId].toSorted())
    await deleteCredential(dependencies(), organization.admin, { userId, keyId }, origin)
    expect(await entriesOf(userId)).toHaveLength(2)
  })

  it('goes with the user', async () => {
    const userId = await user('leaving')
    await create(userId, inDays(30))
    await create(userId, inDays(60))
    await deleteUser(dependencies(), organization.admin, userId, null, origin)
    expect(await entriesOf(userId)).toEqual([])
  })

  it('never keeps a user with as many credentials as there may be from being deleted', async () => {
    const userId = await user('hoarder')
    for (let made = 0; made < maximumCredentials; made += 1) await create(userId, inDays(30 + made))
    expect(await entriesOf(userId)).toHaveLength(maximumCredentials)
    expect(await refusalCode(deleteUser(dependencies(), organization.admin, userId, null, origin))).toBe('ok')
    expect(await readCredentials(table, userId)).toEqual([])
  })
})
