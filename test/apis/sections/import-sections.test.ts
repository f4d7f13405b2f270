import { beforeEach, describe, expect, it } from 'vitest'
import { importSections } from '../../../lib/apis/sections/import-sections.ts'
import { createSection } from '../../../lib/apis/sections/manage-sections.ts'
import { problems } from '../../../lib/contract/problem.ts'
import { pendingDeletionLabel } from '../../../lib/policy/pending-deletion.ts'
import { endpoints } from '../../../lib/reference/endpoints.ts'
import { buildOpenApi } from '../../../lib/reference/openapi/openapi.ts'
import { changeUser } from '../../../lib/users/change-user.ts'
import { allItems } from '../../fresh-table.ts'
import { origin } from '../../organizations/organization.ts'
import type { AccessScene } from '../../policy/access-scene.ts'
import { accessScene, refusal } from '../../policy/access-scene.ts'
import { operation, petStore, shop } from './openapi-samples.ts'

let scene: AccessScene

beforeEach(async () => {
  scene = await accessScene()
})

type Given = Parameters<typeof importSections>[3]

const run = async (document: Given['document'], more: Partial<Given> = {}, caller = scene.admin()) =>
  importSections(scene.dependencies, await caller, scene.apiId, { document, ...more }, origin)
const names = (sections: readonly { readonly name: string }[]) => sections.map(({ name }) => name)
const storedApi = async () => {
  const api = await scene.dependencies.readApi(scene.apiId)
  if (api === undefined) throw new Error('the organization has an API')
  return api
}
const sectionNames = async () => names((await storedApi()).sections)

const first = shop({
  '/customers': { get: operation(['Customers']), post: operation(['Customers']) },
  '/invoices': { get: operation(['Invoices']) },
})
const second = shop({
  '/customers': { get: operation(['Customers']), delete: operation(['Customers']) },
  '/stock': { get: operation(['Stock']) },
})

describe('an import', () => {
  it('makes sections that users are then held to', async () => {
    const report = await run(petStore)
    expect(names(report.added)).toEqual(['pet', 'store', 'user'])
    expect([report.changed, report.removed, report.skipped]).toEqual([[], [], []])
    const { token } = await scene.make({ username: 'vet', permissions: { pet: 'read', store: 'write' } })
    expect(await scene.protectedApi(token, 'GET /api/v3/pet/17')).toBe('allowed')
    expect(await scene.protectedApi(token, 'DELETE /api/v3/pet/17')).toBe('permission_not_granted')
    expect(await scene.protectedApi(token, 'DELETE /api/v3/store/order/9')).toBe('allowed')
    expect(await scene.protectedApi(token, 'GET /api/v3/user/me')).toBe('permission_not_granted')
    expect(await scene.protectedApi(token, 'GET /pet/17')).toBe('permission_not_granted')
  })

  it('done again says what was added, changed and removed, and nothing when nothing was', async () => {
    await run(first)
    const report = await run(second)
    expect(names(report.added)).toEqual(['stock'])
    expect(report.changed).toEqual([
      {
        name: 'customers',
        title: 'Customers',
        endpointsAdded: [{ endpoint: 'DELETE /customers', level: 'write' }],
        endpointsRemoved: [{ endpoint: 'POST /customers', level: 'write' }],
      },
    ])
    expect(report.removed).toMatchObject([{ name: 'invoices' }])
    expect(names(report.sections)).toEqual(['customers', 'stock'])
    expect(await sectionNames()).toEqual(['orders', 'customers', 'stock'])
    const { version } = await storedApi()
    expect(await run(second)).toMatchObject({ added: [], changed: [], removed: [] })
    expect((await storedApi()).version).toBe(version)
  })

  it('never touches sections made by hand or by another document', async () => {
    const byHand = { name: 'invoices', endpoints: ['GET /by-hand'] }
    await createSection(scene.dependencies, await scene.admin(), scene.apiId, byHand, origin)
    await run(shop({ '/x': { get: operation(['Customers']) } }, { info: { title: 'CRM', version: '1' } }))
    const report = await run(first)
    expect(names(report.added)).toEqual(['shop-api.customers', 'shop-api.invoices'])
    const again = await run(second)
    expect([names(again.added), names(again.changed), names(again.removed)]).toEqual([
      ['stock'],
      ['shop-api.customers'],
      ['shop-api.invoices'],
    ])
    const { sections } = await storedApi()
    expect(names(sections)).toEqual(['orders', 'invoices', 'customers', 'shop-api.customers', 'stock'])
    expect(sections.find(({ name }) => name === 'invoices')?.endpoints).toEqual([
      { endpoint: 'GET /by-hand', level: 'read' },
    ])
    expect(sections.find(({ name }) => name === 'customers')?.imported?.document).toBe('CRM')
  })

  it('keeps the name of a section once it is made, because permissions name it', async () => {
    const crm = shop({ '/x': { get: operation(['Customers']) } }, { info: { title: 'CRM', version: '1' } })
    await run(crm)
    await run(first)
    // The other document lets go of the short name.
    await run({ ...crm, paths: {} })
    expect(await run(first)).toMatchObject({ added: [], changed: [], removed: [] })
    expect(await sectionNames()).toEqual(['orders', 'shop-api.customers', 'invoices'])
  })

  it('is refused whole when it would remove a section that somebody holds, by name', async () => {
    await run(first)
    const { user } = await scene.make({ username: 'clerk', permissions: { invoices: 'read' } })
    const refused = await refusal(run(second))
    expect([refused.code, refused.detail]).toEqual(['in_use', expect.stringContaining('clerk')])
    expect(await sectionNames()).toEqual(['orders', 'customers', 'invoices'])
    await changeUser(
      scene.dependencies,
      await scene.admin(),
      user.userId,
      { permissions: {} },
      { version: null, ifMatch: null },
      origin,
    )
    expect(names((await run(second)).removed)).toEqual(['invoices'])
  })

  it('of Postern’s own description gives nobody anything in Postern', async () => {
    const text = JSON.stringify(buildOpenApi({ endpoints, problems, origin: 'https://postern.example' }))
    const report = await run(JSON.parse(text))
    expect(names(report.added)).toContain('users')
    const { token } = await scene.make({
      username: 'regular',
      role: 'Regular User',
      permissions: { users: 'write', access: 'write' },
    })
    expect(await scene.protectedApi(token, 'POST /v1/users')).toBe('allowed')
    expect(await scene.ownApi(token, 'POST /v1/users')).toBe('permission_not_granted')
    expect(await scene.ownApi(token, 'POST /v1/roles')).toBe('permission_not_granted')
  })

  it('makes no section with a reserved name', async () => {
    const refused = await refusal(run(shop({ '/x': { get: operation(['Postern users']) } })))
    expect([refused.code, refused.paths]).toEqual(['invalid_request', ['document']])
    expect(refused.messages).toContain('"Postern users"')
    expect(await sectionNames()).toEqual(['orders'])
  })

  it('names the place of every mistake in the document', async () => {
    const refused = await refusal(run(shop({ '/x': { get: 7 }, '/y': { post: { tags: 1 } } })))
    expect([refused.code, refused.paths]).toEqual([
      'invalid_request',
      ['document.paths./x.get', 'document.paths./y.post.tags'],
    ])
  })

  it('gives nobody what they do not hold (U3)', async () => {
    const { token } = await scene.make({
      username: 'importer',
      permissions: { 'postern-apis': 'write', orders: 'write' },
      role: 'Regular User',
    })
    const caller = () => scene.callerWith(token)
    expect((await refusal(run(first, {}, caller()))).code).toBe('grant_not_held')
    expect(await sectionNames()).toEqual(['orders'])
    await run(first)
    const moved = shop({ '/customers': { get: operation(['Customers', 'Invoices']) } })
    expect((await refusal(run(moved, {}, caller()))).code).toBe('ok')
  })

  it('makes a section anew only when no permission for the old one is left over', async () => {
    await run(first)
    const { user } = await scene.make({ username: 'late' })
    const removing = { ...scene.dependencies }
    removing.write = async (writes) => {
      await run(second)
      // Without the check that refuses it: the name is a second line of defence.
      return scene.dependencies.write(writes.filter(({ label }) => label !== pendingDeletionLabel))
    }
    const permissions = { invoices: 'write' as const }
    const anything = { version: null, ifMatch: null }
    await changeUser(removing, await scene.admin(), user.userId, { permissions }, anything, origin)
    expect(await sectionNames()).toEqual(['orders', 'customers', 'stock'])
    const refused = await refusal(run(first))
    expect([refused.code, refused.detail]).toEqual(['in_use', expect.stringContaining('late')])
  })

  it('takes away and makes dearer without any right to it', async () => {
    await run(first)
    const { token } = await scene.make({ username: 'importer', permissions: { 'postern-apis': 'write' } })
    const caller = () => scene.callerWith(token)
    const less = shop({ '/customers': { get: operation(['Customers']) } })
    expect((await refusal(run(less, {}, caller()))).code).toBe('ok')
    expect((await refusal(run(first, {}, caller()))).code).toBe('grant_not_held')
  })

  it('of another organization’s API is not found', async () => {
    const other = await scene.makeOrganization('other')
    expect((await refusal(run(first, {}, other.admin()))).code).toBe('not_found')
  })

  it('leaves one row in the audit that says which endpoints came and went', async () => {
    await run(first)
    await run(second)
    const rows = (await allItems(scene.table)).filter((item) => item['action'] === 'sections.imported')
    expect(rows.map((row) => row['targetId'])).toEqual([scene.apiId, scene.apiId])
    expect(rows[1]?.['changes']).toEqual([
      { field: 'section stock', before: null, after: [{ endpoint: 'GET /stock', level: 'read' }] },
      {
        field: 'section customers',
        before: [{ endpoint: 'POST /customers', level: 'write' }],
        after: [{ endpoint: 'DELETE /customers', level: 'write' }],
      },
      { field: 'section invoices', before: [{ endpoint: 'GET /invoices', level: 'read' }], after: null },
    ])
  })
})
