import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { maximumImported } from '../../lib/credentials/imported-credential.ts'
import { createCredential, importCredential } from '../../lib/credentials/manage-credentials.ts'
import { maximumCredentials } from '../../lib/credentials/new-credential.ts'
import { maximumGuestMemberships } from '../../lib/guests/guest-count.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { callerWith, dependenciesOf, makeOrganization, origin } from '../organizations/organization.ts'

type Host = Awaited<ReturnType<typeof callerWith>>

let table: Table
let home: Awaited<ReturnType<typeof makeOrganization>>
const hosts: Host[] = []

const dependencies = () => dependenciesOf(table)

beforeAll(async () => {
  table = await freshTable()
  home = await makeOrganization(table)
  for (let made = 0; made <= maximumGuestMemberships; made += 1) {
    const body = { name: `Host ${made}`, administrator: { username: `host-${made}` } }
    const { credential } = await createOrganization(dependencies(), home.admin, body, origin)
    hosts.push(await callerWith(table, credential.token ?? ''))
  }
})

const anything = { version: null, ifMatch: null }
const make = async (username: string) =>
  (await createUser(dependencies(), home.admin, { username, email: `${username}@a.example` }, origin)).user
    .userId
const invite = (host: Host, username: string) =>
  refusalCode(createUser(dependencies(), host, { username }, origin))
const inviteEverywhere = async (username: string) => {
  for (const host of hosts.slice(0, maximumGuestMemberships)) expect(await invite(host, username)).toBe('ok')
}
const itemsOf = async (userId: UserId) =>
  (await allItems(table)).filter((item) => item['pk'] === `USER#${userId}`)
const membershipsOf = async (userId: UserId) =>
  (await itemsOf(userId)).filter((item) => item['kind'] === 'membership')

describe('memberships as a guest', () => {
  it('are bounded, also when all hosts invite at once; one that is given up is free again', async () => {
    const userId = await make('sought-after')
    const codes = await Promise.all(hosts.map((host) => invite(host, 'sought-after')))
    expect(codes.toSorted()).toEqual([
      'guest_limit_reached',
      ...Array.from({ length: maximumGuestMemberships }, () => 'ok'),
    ])
    expect(await membershipsOf(userId)).toHaveLength(maximumGuestMemberships + 1)
    const refused = hosts[codes.indexOf('guest_limit_reached')]
    const hosting = hosts[codes.indexOf('ok')]
    if (refused === undefined || hosting === undefined) throw new Error('one of each')
    // Whoever has it already hears that, not that it is full.
    expect(await invite(hosting, 'sought-after')).toBe('username_taken')
    await deleteUser(dependencies(), hosting, userId, null, origin)
    expect(await invite(refused, 'sought-after')).toBe('ok')
    expect(await invite(hosting, 'sought-after')).toBe('guest_limit_reached')
  })

  it('let a user be renamed and deleted that has as much of everything as there can be', async () => {
    const userId = await make('everywhere')
    await inviteEverywhere('everywhere')
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    for (let made = 0; made < maximumImported; made += 1) {
      const hash = randomBytes(32).toString('hex')
      const body = { name: 'old', kind: 'token', hash, expiresAt } as const
      await importCredential(dependencies(), home.admin, userId, body, origin)
    }
    for (let made = maximumImported; made < maximumCredentials; made += 1) {
      const body = { name: 'ours', kind: 'key', expiresAt } as const
      await createCredential(dependencies(), home.admin, userId, body, origin)
    }
    // A new address writes each membership, and a row in the audit of its organization.
    await changeUser(dependencies(), home.admin, userId, { email: 'new@a.example' }, anything, origin)
    const change = { username: 'renamed', role: 'Admin' }
    await changeUser(dependencies(), home.admin, userId, change, anything, origin)
    const names = (await membershipsOf(userId)).map((membership) => membership['directorySk'])
    expect(names).toEqual(names.map(() => 'renamed'))

    await deleteUser(dependencies(), home.admin, userId, null, origin)
    expect(await itemsOf(userId)).toEqual([])
    expect(await invite(home.admin, 'renamed')).toBe('ok')
  })
})
