import { beforeAll, describe, expect, it } from 'vitest'
import { createApi, deleteApi } from '../../lib/apis/manage-apis.ts'
import { createSection, deleteSection } from '../../lib/apis/sections/manage-sections.ts'
import { createAccountGroup, deleteAccountGroup } from '../../lib/policy/manage-account-groups.ts'
import {
  createIntegrationVendor,
  deleteIntegrationVendor,
} from '../../lib/policy/manage-integration-vendors.ts'
import { changeRole, createRole, deleteRole } from '../../lib/policy/manage-roles.ts'
import type { ApiId, OrganizationId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { callerWith, dependenciesOf, makeOrganization, origin } from '../organizations/organization.ts'

let table: Table
let token: string
let apiId: ApiId
let dependencies: ReturnType<typeof dependenciesOf>
const admin = () => callerWith(table, token)

beforeAll(async () => {
  table = await freshTable(['directory'])
  const made = await makeOrganization(table)
  token = made.token
  apiId = made.apiId
  dependencies = dependenciesOf(table)
})

/** Something that can be given: how it is made, given and deleted, and how it shows in whatever holds it. */
type Kind = {
  readonly make: (name: string) => Promise<{
    readonly given: Partial<NewUserBody>
    readonly remove: (looking?: typeof dependencies) => Promise<void>
    readonly shows: (item: Readonly<Record<string, unknown>>) => boolean
  }>
}

const text = (item: Readonly<Record<string, unknown>>, ...fields: string[]): string =>
  JSON.stringify(fields.map((field) => item[field]))

const kinds: Readonly<Record<string, Kind>> = {
  role: {
    make: async (name) => {
      const { roleId } = await createRole(dependencies, await admin(), { name }, origin)
      return {
        given: { roles: [roleId] },
        remove: async (looking = dependencies) => deleteRole(looking, await admin(), roleId, origin),
        shows: (item) => text(item, 'allAccountGroupRoles').includes(`${roleId}`),
      }
    },
  },
  group: {
    make: async (name) => {
      const { aid } = await createAccountGroup(
        dependencies,
        await admin(),
        { accountGroupName: name },
        origin,
      )
      return {
        given: { loginAccountGroup: aid },
        remove: async (looking = dependencies) => deleteAccountGroup(looking, await admin(), aid, origin),
        shows: (item) => item['loginAccountGroup'] === aid,
      }
    },
  },
  vendor: {
    make: async (name) => {
      const { vendorId } = await createIntegrationVendor(dependencies, await admin(), name, origin)
      return {
        given: { integrationVendor: vendorId },
        remove: async (looking = dependencies) =>
          deleteIntegrationVendor(looking, await admin(), vendorId, origin),
        shows: (item) => item['integrationVendor'] === vendorId,
      }
    },
  },
  section: {
    make: async (name) => {
      await createSection(dependencies, await admin(), apiId, { name, endpoints: ['GET /x'] }, origin)
      return {
        given: { permissions: { [`shop/${name}`]: 'read' } },
        remove: async (looking = dependencies) =>
          deleteSection(looking, await admin(), { apiId, name }, origin),
        shows: (item) => text(item, 'permissions', 'roles').includes(`/${name}"`),
      }
    },
  },
  api: {
    make: async (name) => {
      const api = { name, audience: `https://${name}.example` }
      const made = await createApi(dependencies, await admin(), api, origin)
      return {
        given: { endpoints: [`${name} GET /x`] },
        remove: async (looking = dependencies) => deleteApi(looking, await admin(), made.apiId, origin),
        shows: (item) => text(item, 'endpoints', 'roles').includes(made.apiId),
      }
    },
  },
}

const rounds = 1
const atOnce = 12

const holders = async (shows: (item: Readonly<Record<string, unknown>>) => boolean) =>
  (await allItems(table)).filter(
    (item) => ['membership', 'access-policy'].includes(String(item['kind'])) && shows(item),
  )

describe.each(Object.keys(kinds))('a deletion of a %s while it is given', (kind) => {
  it('leaves nobody with what is gone', async () => {
    const make = kinds[kind]?.make
    if (make === undefined) throw new Error(kind)
    for (let round = 0; round < rounds; round += 1) {
      const { given, remove, shows } = await make(`${kind}-${round}`)
      const caller = await admin()
      const name = (index: number) => `${kind}-${round}-${index}`
      const old = await Promise.all(
        [0, 1, 2, 3].map((index) => createUser(dependencies, caller, { username: name(index) }, origin)),
      )
      const expected = { version: null, ifMatch: null }
      const grants = Array.from({ length: atOnce }, async (_, index) => {
        // Some come before the deletion begins, some while it goes on.
        await new Promise((resolve) => setTimeout(resolve, index * 4))
        const user = old[index]?.user
        return refusalCode(
          user === undefined
            ? createUser(dependencies, caller, { username: name(index), ...given }, origin)
            : changeUser(dependencies, caller, user.userId, given, expected, origin),
        )
      })
      const removal = refusalCode(remove())
      const outcomes = await Promise.all(grants)
      const removed = await removal
      expect(['ok', 'in_use']).toContain(removed)
      const held = await holders(shows)
      const given200 = outcomes.filter((outcome) => outcome === 'ok').length
      if (removed === 'ok') expect([held.length, given200]).toEqual([0, 0])
      else expect(held.length).toBeGreaterThan(0)
    }
  })
})

describe.each(Object.keys(kinds))('a %s that is being deleted', (kind) => {
  const made = (name: string) => (kinds[kind] as Kind).make(`${kind}-${name}`)

  it('is not given between the last look at who holds it and its end', async () => {
    const { given, remove, shows } = await made('looked-for')
    const caller = await admin()
    const grants: string[] = []
    let looks = 0
    const looking = {
      ...dependencies,
      readDirectory: async (organizationId: OrganizationId) => {
        const memberships = await dependencies.readDirectory(organizationId)
        looks += 1
        // The first look is before anything is marked: the second read sees who is added meanwhile.
        const username = `${kind}-between-${looks}`
        if (looks > 1)
          grants.push(await refusalCode(createUser(dependencies, caller, { username, ...given }, origin)))
        return memberships
      },
    }
    expect(await refusalCode(remove(looking))).toBe('ok')
    expect(grants).toEqual(['temporarily_unavailable'])
    expect(await holders(shows)).toEqual([])
  })

  it('is not given afterwards by somebody who still saw it', async () => {
    const { given, remove, shows } = await made('seen')
    const caller = await admin()
    const user = await createUser(dependencies, caller, { username: `${kind}-seen` }, origin)
    const names = given.permissions ?? given.endpoints
    await remove()
    const anything = { version: null, ifMatch: null }
    const late = await Promise.all([
      refusalCode(createUser(dependencies, caller, { username: `${kind}-late`, ...given }, origin)),
      refusalCode(changeUser(dependencies, caller, user.user.userId, given, anything, origin)),
    ])
    const expected = names === undefined ? 'temporarily_unavailable' : expect.not.stringMatching(/^ok$/)
    for (const outcome of late) expect(outcome).toEqual(expected)
    expect(await holders(shows)).toEqual([])
  })
})

it('gives nothing to a role of what is being deleted', async () => {
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ['section', 'api']) {
      const { given, remove, shows } = await (kinds[kind] as Kind).make(`${kind}-of-role-${round}`)
      const role = await createRole(dependencies, await admin(), { name: `${kind} role ${round}` }, origin)
      const { permissions, endpoints } = given
      const [removed, changed] = await Promise.all([
        refusalCode(remove()),
        refusalCode(
          changeRole(dependencies, await admin(), role.roleId, { permissions, endpoints } as never, origin),
        ),
      ])
      expect([removed, changed].filter((outcome) => outcome === 'ok')).toHaveLength(1)
      const held = await holders(shows)
      expect(held.length > 0).toBe(changed === 'ok')
    }
  }
})

it('can be given again as soon as its deletion was refused', async () => {
  const { given, remove } = await (kinds['role'] as Kind).make('still used')
  const make = async (username: string) =>
    createUser(dependencies, await admin(), { username, ...given }, origin)
  await make('holder')
  expect(await refusalCode(remove())).toBe('in_use')
  expect(await refusalCode(make('second-holder'))).toBe('ok')
})
