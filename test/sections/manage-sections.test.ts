import { beforeEach, describe, expect, it } from 'vitest'
import { createRole } from '../../lib/access-policy/manage-roles.ts'
import { createSection, deleteSection, replaceSection } from '../../lib/sections/manage-sections.ts'
import { listSections, showSection } from '../../lib/sections/show-sections.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import type { AccessScene } from '../access-policy/access-scene.ts'
import { accessScene, refusal } from '../access-policy/access-scene.ts'
import { origin } from '../organization.ts'

let scene: AccessScene

beforeEach(async () => {
  scene = await accessScene()
})

const anything = { version: null, ifMatch: null }
const make = async (given: Parameters<typeof createSection>[2], caller = scene.admin()) =>
  createSection(scene.dependencies, await caller, given, origin)
const replace = async (name: string, given: Parameters<typeof replaceSection>[3], caller = scene.admin()) =>
  replaceSection(scene.dependencies, await caller, name, given, origin)
const remove = async (name: string, caller = scene.admin()) =>
  deleteSection(scene.dependencies, await caller, name, origin)

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
      management: false,
      importedFrom: null,
      endpoints: [
        { endpoint: 'GET /stock', level: 'read' },
        { endpoint: 'POST /stock', level: 'write' },
        { endpoint: '* /stock/*', level: 'write' },
        { endpoint: 'POST /stock/search', level: 'read' },
      ],
    })
    const { subject, snapshot } = await scene.admin()
    expect(showSection(subject, snapshot.policy, 'stock')).toEqual(section)
    expect(listSections(subject, snapshot.policy).map(({ name }) => name)).toContain('postern-users')
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

  it('is not deleted while a user or a role names it, also with deny', async () => {
    await make({ name: 'stock', endpoints: ['GET /stock'] })
    const { user } = await scene.make({ username: 'shut-out', permissions: { stock: 'deny' } })
    await createRole(
      scene.dependencies,
      await scene.admin(),
      { name: 'Desk', permissions: { stock: 'read' } },
      origin,
    )
    expect(await refusal(remove('stock'))).toMatchObject({
      code: 'in_use',
      detail: 'The section stock is still used by the users shut-out and by the roles Desk.',
    })
    await changeUser(
      scene.dependencies,
      await scene.admin(),
      user.userId,
      { permissions: {} },
      anything,
      origin,
    )
    expect((await refusal(remove('stock'))).detail).toBe('The section stock is still used by the roles Desk.')
    expect((await refusal(remove('gone'))).code).toBe('not_found')
  })

  it('gives a permission that was left over no new meaning', async () => {
    await make({ name: 'stock', endpoints: ['GET /stock'] })
    const before = await scene.admin()
    await remove('stock')
    // Admitted before the section was gone, this request gives a permission for it.
    const { user } = await scene.make({ username: 'late' })
    await changeUser(
      scene.dependencies,
      before,
      user.userId,
      { permissions: { stock: 'write' } },
      anything,
      origin,
    )
    const again = await refusal(make({ name: 'stock', endpoints: ['DELETE /everything'] }))
    expect([again.code, again.detail]).toEqual(['in_use', expect.stringContaining('late')])
    await changeUser(
      scene.dependencies,
      await scene.admin(),
      user.userId,
      { permissions: {} },
      anything,
      origin,
    )
    expect((await refusal(make({ name: 'stock', endpoints: ['DELETE /everything'] }))).code).toBe('ok')
  })
})

describe('whoever edits sections (U3)', () => {
  const editor = async () => {
    const { token } = await scene.make({
      username: 'editor',
      permissions: { 'postern-access': 'write', orders: 'write' },
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

  it('must hold write on a section that it changes or deletes', async () => {
    const { token } = await scene.make({
      username: 'half',
      permissions: { 'postern-access': 'write', orders: 'read' },
    })
    const caller = () => scene.callerWith(token)
    expect((await refusal(replace('orders', { endpoints: [] }, caller()))).code).toBe('grant_not_held')
    expect((await refusal(remove('orders', caller()))).code).toBe('grant_not_held')
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
      'an organization has at most 2000 endpoints in its sections',
    ])
  })

  it('hold for the size of it all, which every decision reads', async () => {
    const long = 'x'.repeat(480)
    const admin = await scene.admin()
    let code = 'ok'
    for (let role = 0; role < 5 && code === 'ok'; role += 1) {
      const endpoints = Array.from({ length: 200 }, (_, index) => `GET /${long}/${role}-${index}`)
      const made = createRole(scene.dependencies, admin, { name: `role ${role}`, endpoints }, origin)
      const refused = await refusal(made)
      code = refused.code
      if (code !== 'ok') expect(refused.detail).toContain('at most 300000 bytes')
    }
    expect(code).toBe('invalid_request')
  })
})
