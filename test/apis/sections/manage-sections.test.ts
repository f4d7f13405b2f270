import { beforeEach, describe, expect, it } from 'vitest'
import { createSection, deleteSection, replaceSection } from '../../../lib/apis/sections/manage-sections.ts'
import { listSections, showSection } from '../../../lib/apis/sections/show-sections.ts'
import { createRole } from '../../../lib/policy/manage-roles.ts'
import { pendingDeletionLabel } from '../../../lib/policy/pending-deletion.ts'
import type { UserId } from '../../../lib/secrets/key-id.ts'
import { changeUser } from '../../../lib/users/change-user.ts'
import { origin } from '../../organizations/organization.ts'
import type { AccessScene } from '../../policy/access-scene.ts'
import { accessScene, refusal } from '../../policy/access-scene.ts'

let scene: AccessScene

beforeEach(async () => {
  scene = await accessScene()
})

const anything = { version: null, ifMatch: null }
const make = async (given: Parameters<typeof createSection>[3], caller = scene.admin()) =>
  createSection(scene.dependencies, await caller, scene.apiId, given, origin)
const replace = async (name: string, given: Parameters<typeof replaceSection>[3], caller = scene.admin()) =>
  replaceSection(scene.dependencies, await caller, { apiId: scene.apiId, name }, given, origin)
const remove = async (name: string, caller = scene.admin(), dependencies = scene.dependencies) =>
  deleteSection(dependencies, await caller, { apiId: scene.apiId, name }, origin)

describe('a section', () => {
  it('takes read or write by the method of each endpoint, unless it says which', async () => {
    const section = await make({
      name: 'stock',
      endpoints: [
        'GET /stock',
        'POST /stock',
        '* /stock/*',
        { endpoint: 'POST /stock/search', level: 'read' },
      ],
    })
    expect(section).toEqual({
      name: 'stock',
      title: 'stock',
      api: 'shop',
      management: false,
      importedFrom: null,
      dashboard: false,
      endpoints: [
        { endpoint: 'GET /stock', level: 'read' },
        { endpoint: 'POST /stock', level: 'write' },
        { endpoint: '* /stock/*', level: 'write' },
        { endpoint: 'POST /stock/search', level: 'read' },
      ],
      version: 2,
    })
    const admin = await scene.admin()
    const stock = { apiId: scene.apiId, name: 'stock' }
    expect(await showSection(scene.dependencies, admin, stock)).toEqual(section)
    const listed = await listSections(scene.dependencies, admin)
    expect(listed.map(({ name, api }) => [name, api])).toEqual(
      expect.arrayContaining([
        ['postern-users', null],
        ['stock', 'shop'],
      ]),
    )
  })

  it('is read by Read Only while it is marked as a dashboard, and by nobody else for it', async () => {
    const { token } = await scene.make({ username: 'viewer', role: 'Read Only' })
    const { token: other } = await scene.make({ username: 'nothing', role: 'User' })
    const calls = async () => [
      await scene.protectedApi(token, 'GET /orders'),
      await scene.protectedApi(token, 'POST /orders'),
      await scene.protectedApi(other, 'GET /orders'),
    ]
    const refused = 'permission_not_granted'
    expect(await calls()).toEqual([refused, refused, refused])
    const endpoints = ['GET /orders', 'POST /orders']
    expect(await replace('orders', { dashboard: true, endpoints })).toMatchObject({ dashboard: true })
    expect(await calls()).toEqual(['allowed', refused, refused])
    expect(await replace('orders', { endpoints })).toMatchObject({ dashboard: true })
    expect(await calls()).toEqual(['allowed', refused, refused])
    expect(await replace('orders', { dashboard: false, endpoints })).toMatchObject({ dashboard: false })
    expect(await calls()).toEqual([refused, refused, refused])
  })

  it('is marked by those only who hold what it reads, for it gives that to whoever has Read Only', async () => {
    const { token } = await scene.make({ username: 'marker', permissions: { 'postern-apis': 'write' } })
    const endpoints = ['GET /orders', 'POST /orders', 'GET /orders/{id}']
    const mark = () => replace('orders', { dashboard: true, endpoints }, scene.callerWith(token))
    expect((await refusal(mark())).code).toBe('grant_not_held')
    await replace('orders', { dashboard: true, endpoints })
    const unmark = replace('orders', { dashboard: false, endpoints }, scene.callerWith(token))
    expect((await unmark).dashboard).toBe(false)
  })

  it('has a version that changes of others leave, and that the next one of its name never has', async () => {
    const { version } = await make({ name: 'stock', endpoints: ['GET /stock'] })
    await make({ name: 'prices', endpoints: ['GET /prices'] })
    const endpoints = ['GET /stock', 'GET /stock/{id}']
    const changed = await replace('stock', { endpoints, version })
    expect(changed.version).toBeGreaterThan(version)
    expect((await replace('stock', { endpoints, version: changed.version })).version).toBe(changed.version)
    await remove('stock')
    const anew = await make({ name: 'stock', endpoints })
    expect(anew.version).toBeGreaterThan(changed.version)
    for (const stale of [version, changed.version])
      expect((await refusal(replace('stock', { endpoints: [], version: stale }))).code).toBe(
        'version_conflict',
      )
  })

  it('is no dashboard any more when it is made anew', async () => {
    await make({ name: 'board', dashboard: true, endpoints: ['GET /board'] })
    await remove('board')
    expect((await make({ name: 'board', endpoints: ['GET /board'] })).dashboard).toBe(false)
  })

  it('refuses a deny that Read Only would grant all the same', async () => {
    const deny = () => scene.make({ username: 'denied', role: 'Read Only', permissions: { orders: 'deny' } })
    await replace('orders', { dashboard: true, endpoints: ['GET /orders'] })
    expect((await refusal(deny())).messages).toContain('Read Only')
    await replace('orders', { dashboard: false, endpoints: ['GET /orders'] })
    expect((await refusal(deny())).code).toBe('ok')
  })

  it('cannot list one endpoint with two levels', async () => {
    const given = ['GET /stock', 'GET /stock', { endpoint: 'GET /stock', level: 'write' as const }]
    const refused = await refusal(make({ name: 'stock', endpoints: given }))
    expect([refused.code, refused.paths]).toEqual(['invalid_request', ['endpoints.2']])
    expect((await make({ name: 'stock', endpoints: given.slice(0, 2) })).endpoints).toHaveLength(1)
  })

  it('cannot have a name that is reserved or taken', async () => {
    const reserved = await refusal(make({ name: 'postern-mine', endpoints: [] }))
    expect([reserved.code, reserved.paths]).toEqual(['invalid_request', ['name']])
    expect((await refusal(make({ name: 'orders', endpoints: [] }))).code).toBe('name_taken')
    for (const attempt of [
      () => replace('postern-users', { endpoints: [] }),
      () => remove('postern-users'),
    ]) {
      const refused = await refusal(attempt())
      expect([refused.code, refused.messages]).toEqual([
        'invalid_request',
        expect.stringContaining('Postern'),
      ])
    }
  })

  it('takes effect at once for everybody who holds it, and so does a change of it', async () => {
    await make({ name: 'stock', endpoints: ['GET /stock'] })
    const { token } = await scene.make({ username: 'reader', permissions: { stock: 'read' } })
    expect(await scene.protectedApi(token, 'GET /stock')).toBe('allowed')
    await replace('stock', { endpoints: ['GET /stock/{id}'] })
    expect(await scene.protectedApi(token, 'GET /stock')).toBe('permission_not_granted')
    expect(await scene.protectedApi(token, 'GET /stock/17')).toBe('allowed')
    await replace('stock', { endpoints: [{ endpoint: 'GET /stock/{id}', level: 'write' }] })
    expect(await scene.protectedApi(token, 'GET /stock/17')).toBe('permission_not_granted')
  })

  it('never reaches Postern’s own API, also when it lists the same endpoints', async () => {
    await make({ name: 'copy', endpoints: ['* /v1/*', 'GET /v1/users', 'POST /v1/users'] })
    const { token } = await scene.make({
      username: 'regular',
      role: 'Regular User',
      permissions: { copy: 'write' },
    })
    expect(await scene.protectedApi(token, 'POST /v1/users')).toBe('allowed')
    for (const endpoint of ['GET /v1/users', 'POST /v1/users', 'GET /v1/roles'])
      expect(await scene.ownApi(token, endpoint)).toBe('permission_not_granted')
  })

  it('is not deleted while a user, a role or an exception names it', async () => {
    await make({ name: 'stock', endpoints: ['GET /stock'] })
    const { user } = await scene.make({ username: 'clerk', permissions: { stock: 'read' } })
    const role = async (given: Parameters<typeof createRole>[2]) =>
      createRole(scene.dependencies, await scene.admin(), given, origin)
    await role({ name: 'Desk', permissions: { stock: 'read' } })
    await role({ name: 'All but', everySection: [{ level: 'read', except: ['stock'] }] })
    expect(await refusal(remove('stock'))).toMatchObject({
      code: 'in_use',
      detail: 'The section stock is still used by the users clerk and by the roles Desk, All but.',
    })
    await clearPermissions(user.userId)
    expect((await refusal(remove('stock'))).detail).toBe(
      'The section stock is still used by the roles Desk, All but.',
    )
    expect((await refusal(remove('gone'))).code).toBe('not_found')
  })

  it('gives a permission that was left over no new meaning', async () => {
    await make({ name: 'stock', endpoints: ['GET /stock'] })
    const { user } = await scene.make({ username: 'late' })
    // The section goes after the permission was looked at, and before it is written.
    const slow: typeof scene.dependencies = {
      ...scene.dependencies,
      write: async (writes) => {
        await remove('stock')
        // Without the check that refuses it: the name is a second line of defence.
        return scene.dependencies.write(writes.filter(({ label }) => label !== pendingDeletionLabel))
      },
    }
    const admin = await scene.admin()
    await changeUser(slow, admin, user.userId, { permissions: { stock: 'write' } }, anything, origin)
    const again = await refusal(make({ name: 'stock', endpoints: ['DELETE /everything'] }))
    expect([again.code, again.detail]).toEqual(['in_use', expect.stringContaining('late')])
    await clearPermissions(user.userId)
    expect((await refusal(make({ name: 'stock', endpoints: ['DELETE /everything'] }))).code).toBe('ok')
  })
})

const clearPermissions = async (userId: UserId) =>
  changeUser(scene.dependencies, await scene.admin(), userId, { permissions: {} }, anything, origin)

describe('whoever edits sections (U3)', () => {
  const editor = async () => {
    const { token } = await scene.make({
      username: 'editor',
      permissions: { 'postern-apis': 'write', orders: 'write' },
    })
    return { token, caller: () => scene.callerWith(token) }
  }

  it('gains nothing by listing what it may not call', async () => {
    const { caller, token } = await editor()
    const endpoints = ['GET /orders', 'POST /orders', 'GET /orders/{id}']
    const more = (endpoint: string) =>
      refusal(replace('orders', { endpoints: [...endpoints, endpoint] }, caller()))
    expect((await more('DELETE /payments/{id}')).code).toBe('grant_not_held')
    expect((await more('GET /*')).code).toBe('grant_not_held')
    expect((await more('POST /v1/users')).code).toBe('grant_not_held')
    expect((await refusal(make({ name: 'mine', endpoints: ['GET /payments'] }, caller()))).code).toBe(
      'grant_not_held',
    )
    expect(await scene.protectedApi(token, 'DELETE /payments/17')).toBe('permission_not_granted')
  })

  it('arranges what it holds', async () => {
    const { caller } = await editor()
    expect((await refusal(replace('orders', { endpoints: ['GET /orders/{id}'] }, caller()))).code).toBe('ok')
    expect((await refusal(make({ name: 'one', endpoints: ['GET /orders/{id}'] }, caller()))).code).toBe('ok')
  })

  it('takes an endpoint out, makes it dearer and deletes a section, without any right to it', async () => {
    const { token } = await scene.make({ username: 'half', permissions: { 'postern-apis': 'write' } })
    const caller = () => scene.callerWith(token)
    await make({ name: 'stock', endpoints: ['GET /stock', 'POST /stock'] })
    const dearer = { endpoints: [{ endpoint: 'GET /stock', level: 'write' as const }, 'POST /stock'] }
    expect((await refusal(replace('stock', dearer, caller()))).code).toBe('ok')
    expect((await refusal(replace('stock', { endpoints: ['POST /stock'] }, caller()))).code).toBe('ok')
    expect((await refusal(replace('stock', { title: 'Stock', endpoints: [] }, caller()))).code).toBe('ok')
    expect((await refusal(remove('stock', caller()))).code).toBe('ok')
  })

  it('makes nothing cheaper, and puts nothing back, that it does not hold', async () => {
    const { token } = await scene.make({
      username: 'half',
      permissions: { 'postern-apis': 'write', orders: 'read' },
    })
    const attempt = async (endpoints: Parameters<typeof replaceSection>[3]['endpoints']) =>
      (await refusal(replace('orders', { endpoints }, scene.callerWith(token)))).code
    const cheaper = { endpoint: 'POST /orders', level: 'read' as const }
    expect(await attempt(['GET /orders', cheaper, 'GET /orders/{id}'])).toBe('grant_not_held')
    expect(await attempt(['GET /orders', 'GET /orders/{id}'])).toBe('ok')
    expect(await attempt(['GET /orders', 'POST /orders', 'GET /orders/{id}'])).toBe('grant_not_held')
    // What a section opens, the section itself is no proof of: the wider pattern must be held.
    expect(await attempt(['GET /orders', 'GET /*'])).toBe('grant_not_held')
    expect(await scene.protectedApi(token, 'POST /orders')).toBe('permission_not_granted')
  })

  it('of another organization gets nowhere: the API is not there', async () => {
    const other = await scene.makeOrganization('other')
    const theirs = async () => scene.callerWith(other.token)
    expect((await refusal(make({ name: 'x', endpoints: [] }, theirs()))).code).toBe('not_found')
    expect((await refusal(replace('orders', { endpoints: [] }, theirs()))).code).toBe('not_found')
    expect((await refusal(remove('orders', theirs()))).code).toBe('not_found')
    const { dependencies } = scene
    const shown = (await listSections(dependencies, await theirs())).map(({ name }) => name)
    expect(shown.every((name) => name.startsWith('postern-'))).toBe(true)
  })
})

describe('two who edit at once', () => {
  it('lose no section, and only one of them gets a name', async () => {
    const made = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        refusal(make({ name: index % 2 === 0 ? 'same' : `s${index}`, endpoints: [`GET /s${index}`] })),
      ),
    )
    expect(made.map(({ code }) => code).toSorted()).toEqual([
      ...['name_taken', 'name_taken'],
      ...['ok', 'ok', 'ok', 'ok'],
    ])
    const listed = (await listSections(scene.dependencies, await scene.admin())).filter(({ api }) => api)
    expect(listed.map(({ name }) => name).toSorted()).toEqual(['orders', 's1', 's3', 's5', 'same'])
  })
})

describe('the limits', () => {
  const listOf = (section: number) => Array.from({ length: 500 }, (_, index) => `GET /s${section}/e${index}`)

  it('hold for all sections together: 2000 endpoints', async () => {
    for (let section = 1; section <= 3; section += 1)
      await make({ name: `s${section}`, endpoints: listOf(section) })
    const refused = await refusal(make({ name: 's4', endpoints: listOf(4) }))
    expect([refused.code, refused.paths, refused.messages]).toEqual([
      'invalid_request',
      ['endpoints'],
      'at most 2000 endpoints in the sections of an API are allowed',
    ])
  })

  it('hold for the size of an API, which the authorizer reads', async () => {
    const long = 'x'.repeat(480)
    let refused = await refusal(Promise.resolve())
    for (let section = 0; section < 5 && refused.code === 'ok'; section += 1) {
      const endpoints = Array.from({ length: 200 }, (_, index) => `GET /${long}/${section}-${index}`)
      refused = await refusal(make({ name: `s${section}`, endpoints }))
    }
    expect([refused.code, refused.detail]).toEqual([
      'invalid_request',
      expect.stringContaining('at most 300000 bytes'),
    ])
  })

  it('hold for the size of an organization’s roles, which every decision reads', async () => {
    const long = 'x'.repeat(480)
    const admin = await scene.admin()
    let refused = await refusal(Promise.resolve())
    for (let role = 0; role < 5 && refused.code === 'ok'; role += 1) {
      const endpoints = Array.from({ length: 200 }, (_, index) => `GET /${long}/${role}-${index}`)
      refused = await refusal(
        createRole(scene.dependencies, admin, { name: `role ${role}`, endpoints }, origin),
      )
    }
    expect([refused.code, refused.detail]).toEqual([
      'invalid_request',
      expect.stringContaining('at most 300000 bytes'),
    ])
  })
})
