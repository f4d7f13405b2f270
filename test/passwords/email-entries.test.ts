import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findUserIds } from '../../lib/passwords/reset-request-store.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { emailEntryWrite } from '../../lib/users/new-user.ts'
import { freshTable } from '../fresh-table.ts'

let table: Table
let address: string
let addresses = 0
beforeAll(async () => {
  table = await freshTable()
})
beforeEach(() => {
  addresses += 1
  address = `shared-${addresses}@partner.example`
})

type Entry = readonly [organizationId: OrganizationId, userId: UserId, emailVerified: boolean]
const write = async (entries: readonly Entry[]) => {
  const writes = entries.map(([homeOrganizationId, userId, emailVerified]) =>
    emailEntryWrite({ homeOrganizationId, userId, emailVerified }, address),
  )
  for (let from = 0; from < writes.length; from += 100)
    await writeTransaction(table, writes.slice(from, from + 100))
}
const number = (value: number) => String(value).padStart(4, '0')
const crowd = (organizationId: OrganizationId, count: number): Entry[] =>
  Array.from({ length: count }, (_, each) => [organizationId, `usr_${organizationId}${number(each)}`, false])

describe('the users of an address', () => {
  it('are found beside any number of users of other organizations, before and after them', async () => {
    await write([...crowd('org_b', 350), ['org_a', 'usr_first', false], ['org_c', 'usr_last', false]])
    const found = await findUserIds(table, address)
    expect(found.slice(0, 3)).toEqual(['usr_first', 'usr_org_b0000', 'usr_last'])
    expect(found).toHaveLength(7)
  })

  it('are found in an organization that begins on one page and ends on the next', async () => {
    await write([...crowd('org_a', 98), ...crowd('org_b', 3), ['org_b', 'usr_z_verified', true]])
    expect((await findUserIds(table, address))[0]).toBe('usr_z_verified')
  })

  it('come in turns by organization, five of each at most, those who are verified before all others', async () => {
    await write([
      ...crowd('org_a', 7),
      ['org_a', 'usr_z_verified', true],
      ['org_b', 'usr_b', false],
      ['org_c', 'usr_c', true],
    ])
    expect(await findUserIds(table, address)).toEqual([
      'usr_z_verified',
      'usr_c',
      'usr_b',
      'usr_org_a0000',
      'usr_org_a0001',
      'usr_org_a0002',
      'usr_org_a0003',
    ])
  })

  it('are found when verified beside hundreds of organizations, and are never more than can be read at once', async () => {
    const many = Array.from({ length: 450 }, (_, each): Entry[] =>
      crowd(`org_${number(each)}`, each % 2 === 0 ? 1 : 2),
    )
    await write([...many.flat(), ['org_z', 'usr_verified', true]])
    const found = await findUserIds(table, address)
    expect(found[0]).toBe('usr_verified')
    expect(found).toHaveLength(60)
    expect(new Set(found).size).toBe(60)
  })

  it('are none for an address that nobody has', async () => {
    expect(await findUserIds(table, address)).toEqual([])
  })
})
