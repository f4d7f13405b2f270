import { beforeEach, describe, expect, it } from 'vitest'
import type { ApiChangeBody, NewApiBody } from '../../lib/apis/api-endpoints.ts'
import { apiIdNamed, changeApi, createApi, deleteApi, listApis, showApi } from '../../lib/apis/manage-apis.ts'
import { shareApi } from '../../lib/apis/share-api.ts'
import { maximumSessionLifetimeSeconds } from '../../lib/identity/stored-organization.ts'
import { createRole } from '../../lib/policy/manage-roles.ts'
import type { ApiId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organizations/organization.ts'
import { refusal } from '../policy/access-scene.ts'
import type { ApiScene } from './api-scene.ts'
import { apiScene } from './api-scene.ts'

let scene: ApiScene

beforeEach(async () => {
  scene = await apiScene()
})

const change = async (apiId: ApiId, body: ApiChangeBody, caller = scene.admin()) =>
  changeApi(scene.dependencies, await caller, apiId, body, origin)
const remove = async (apiId: ApiId, caller = scene.admin()) =>
  deleteApi(scene.dependencies, await caller, apiId, origin)
const audiences = async () =>
  (await allItems(scene.table)).filter((item) => item['kind'] === 'audience-claim').length

/** As it will be that much later. @param since milliseconds since 1970 */
const createAfter = async (seconds: number, body: NewApiBody, since = Date.now()) =>
  createApi({ ...scene.dependencies, now: () => since + seconds * 1000 }, await scene.admin(), body, origin)

describe('a protected API', () => {
  it('belongs to the organization that makes it, and nobody else sees it', async () => {
    const made = await scene.create({ name: 'crm' }, scene.provider.admin())
    expect(made).toMatchObject({
      name: 'crm',
      organizationId: scene.provider.organizationId,
      audience: 'https://crm.example',
      gateways: [],
      sections: [],
      sharedWith: [],
      version: 1,
    })
    const admin = await scene.provider.admin()
    expect(await showApi(scene.dependencies, admin, 'crm')).toEqual(made)
    expect(await showApi(scene.dependencies, admin, made.apiId)).toEqual(made)
    for (const other of [scene.admin(), scene.customer.admin()]) {
      const caller = await other
      const { organizationId } = caller.subject.organization
      const { policy } = caller.snapshot
      expect((await refusal(showApi(scene.dependencies, caller, made.apiId))).code).toBe('not_found')
      expect((await refusal(change(made.apiId, { name: 'mine' }, other))).code).toBe('not_found')
      expect((await refusal(remove(made.apiId, other))).code).toBe('not_found')
      const listed = await listApis(scene.dependencies, organizationId, policy?.apis ?? [])
      expect(listed.map(({ apiId }) => apiId)).not.toContain(made.apiId)
    }
  })

  it('has a name of its own in its organization, and the same one in another', async () => {
    const { apiId } = await scene.create({ name: 'crm' })
    expect(await refusal(scene.create({ name: 'crm', audience: 'https://other.example' }))).toMatchObject({
      code: 'name_taken',
      paths: ['name'],
    })
    expect((await refusal(change(scene.apiId, { name: 'crm' }))).code).toBe('name_taken')
    const elsewhere = { name: 'crm', audience: 'https://theirs.example' }
    expect((await refusal(scene.create(elsewhere, scene.provider.admin()))).code).toBe('ok')
    const renamed = await change(apiId, { name: 'sales' })
    expect(renamed).toMatchObject({ name: 'sales', version: 2 })
    expect(apiIdNamed('sales', await scene.policy())).toBe(apiId)
    expect((await refusal(scene.create({ name: 'crm', audience: 'https://free.example' }))).code).toBe('ok')
  })

  it('has an audience of its own in the whole deployment, free for others once the last token for it has ended', async () => {
    const { apiId } = await scene.create({ name: 'crm', audience: 'https://crm.example' })
    const taken = { code: 'name_taken', paths: ['audience'] }
    const same = { name: 'other', audience: 'https://crm.example' }
    expect(await refusal(scene.create(same, scene.provider.admin()))).toMatchObject(taken)
    expect(await refusal(change(scene.apiId, { audience: 'https://crm.example' }))).toMatchObject(taken)
    const beforeItMoves = Date.now()
    expect(await change(apiId, { audience: 'https://moved.example' })).toMatchObject({
      audience: 'https://moved.example',
    })
    expect(await refusal(scene.create(same, scene.provider.admin()))).toMatchObject(taken)
    const tooSoon = createAfter(maximumSessionLifetimeSeconds, same, beforeItMoves)
    expect(await refusal(tooSoon)).toMatchObject(taken)
    // Its own API may take it back, at once.
    await change(apiId, { audience: 'https://crm.example' })
    await change(apiId, { audience: 'https://moved.example' })
    expect((await refusal(createAfter(maximumSessionLifetimeSeconds + 2, same))).code).toBe('ok')
    expect(await refusal(change(apiId, { audience: 'https://crm.example' }))).toMatchObject(taken)
  })

  it.each(
    ['', '/', ':443', ':443/'].flatMap((end) => [
      `https://postern.example${end}`,
      `https://POSTERN.example${end}`,
    ]),
  )('never has Postern’s own audience: %s', async (audience) => {
    expect(await refusal(scene.create({ audience }))).toMatchObject({
      code: 'invalid_request',
      paths: ['audience'],
    })
    expect((await refusal(change(scene.apiId, { audience }))).code).toBe('invalid_request')
  })

  it('is changed from the version that was read, when one is given', async () => {
    expect((await refusal(change(scene.apiId, { name: 'store', version: 9 }))).code).toBe('version_conflict')
    expect(await change(scene.apiId, { name: 'store', version: 1 })).toMatchObject({ version: 2 })
    // What changes nothing is no new version.
    expect(await change(scene.apiId, { name: 'store' })).toMatchObject({ version: 2 })
  })

  it('keeps what was granted when it is renamed: permissions hold its id', async () => {
    const { token } = await scene.make({ username: 'clerk', permissions: { orders: 'read' } })
    await change(scene.apiId, { name: 'store' })
    expect(await scene.protectedApi(token, 'GET /orders')).toBe('allowed')
    // Whoever takes the name that is free now gets nothing of it.
    const { apiId } = await scene.create({ name: 'shop' })
    expect(await scene.protectedApi(token, 'GET /orders', apiId)).toBe('permission_not_granted')
  })

  it('leaves a row in its organization’s audit when it is made, changed or deleted', async () => {
    const { apiId } = await scene.create({ name: 'crm' }, scene.provider.admin())
    await change(apiId, { name: 'sales' }, scene.provider.admin())
    await remove(apiId, scene.provider.admin())
    const { organizationId, userId } = scene.provider
    for (const action of ['api.created', 'api.changed', 'api.deleted'])
      expect(await scene.audit(organizationId, action)).toMatchObject([
        { targetId: apiId, apiId, actor: { userId } },
      ])
    const [changed] = await scene.audit(organizationId, 'api.changed')
    expect(changed?.changes).toEqual([{ field: 'name', before: 'crm', after: 'sales' }])
  })
})

describe('deleting an API', () => {
  it('is refused while somebody’s permissions name it, in whatever way, and says who', async () => {
    const { apiId } = await scene.create({ name: 'crm' })
    const { user } = await scene.make({ username: 'clerk', endpoints: ['crm GET /customers'] })
    const role = await createRole(
      scene.dependencies,
      await scene.admin(),
      { name: 'All of it', everySection: [{ api: 'crm', level: 'read' }] },
      origin,
    )
    expect(role.everySection).toEqual([{ api: 'crm', level: 'read', except: [] }])
    expect(await refusal(remove(apiId))).toMatchObject({
      code: 'in_use',
      detail: 'The API crm is still used by the users clerk and by the roles All of it.',
    })
    const none = { endpoints: [] }
    const anything = { version: null, ifMatch: null }
    await changeUser(scene.dependencies, await scene.admin(), user.userId, none, anything, origin)
    expect((await refusal(remove(apiId))).detail).toContain('the roles All of it')
  })

  it('is refused while it is shared, and for the API of gateways that nobody registered', async () => {
    const { apiId } = await scene.create({ name: 'crm' })
    const { organizationId } = scene.customer
    await shareApi(
      scene.dependencies,
      await scene.admin(),
      { apiId, organizationId },
      { sections: {} },
      origin,
    )
    expect((await refusal(remove(apiId))).detail).toContain('shared with')
    expect((await refusal(remove(scene.apiId))).detail).toContain('unregistered gateways')
  })

  it('frees its name at once, and leaves nothing of it but the claim of its audience, until its last token has ended', async () => {
    const { apiId } = await scene.create({ name: 'crm' })
    await remove(apiId)
    expect((await refusal(remove(apiId))).code).toBe('not_found')
    expect((await refusal(scene.create({ name: 'crm' }))).paths).toEqual(['audience'])
    const again = await createAfter(maximumSessionLifetimeSeconds + 2, {
      name: 'crm',
      audience: 'https://crm.example',
    })
    expect(again.apiId).not.toBe(apiId)
    expect(await audiences()).toBe(2)
    expect((await scene.policy()).apis.map(({ name }) => name)).toEqual(['shop', 'crm'])
  })
})

describe('two at once', () => {
  const codes = async (attempts: readonly Promise<unknown>[]) =>
    (await Promise.all(attempts.map(refusal))).map(({ code }) => code).toSorted()

  it('never get one name', async () => {
    const attempts = Array.from({ length: 10 }, (_, index) =>
      scene.create({ name: 'crm', audience: `https://crm-${index}.example` }),
    )
    expect(await codes(attempts)).toEqual([...Array.from({ length: 9 }, () => 'name_taken'), 'ok'])
    expect(await audiences()).toBe(2)
  })

  it('never get one audience, in one organization or in two', async () => {
    const audience = 'https://wanted.example'
    const { apiId } = await scene.create({ name: 'sales' })
    const attempts = [
      ...Array.from({ length: 4 }, (_, index) => scene.create({ name: `crm-${index}`, audience })),
      ...Array.from({ length: 4 }, (_, index) =>
        scene.create({ name: `crm-${index}`, audience }, scene.provider.admin()),
      ),
      change(apiId, { audience }),
    ]
    expect(await codes(attempts)).toEqual([...Array.from({ length: 8 }, () => 'name_taken'), 'ok'])
    const withIt = (await allItems(scene.table)).filter((item) => item['audience'] === audience)
    expect(withIt).toHaveLength(1)
  })

  it('lose no change of one API, and delete it once', async () => {
    const { apiId } = await scene.create({ name: 'crm' })
    await Promise.all([
      change(apiId, { name: 'sales' }),
      change(apiId, { audience: 'https://sales.example' }),
    ])
    expect(await scene.stored(apiId)).toMatchObject({ name: 'sales', audience: 'https://sales.example' })
    const removals = Array.from({ length: 5 }, () => remove(apiId))
    expect(await codes(removals)).toEqual([...Array.from({ length: 4 }, () => 'not_found'), 'ok'])
  })

  it('either share an API or delete it', async () => {
    const { apiId } = await scene.create({ name: 'crm' })
    const { organizationId } = scene.customer
    const admin = await scene.admin()
    const share = shareApi(scene.dependencies, admin, { apiId, organizationId }, { sections: {} }, origin)
    const [shared, removed] = await Promise.all([refusal(share), refusal(remove(apiId))])
    expect([
      ['ok', 'in_use'],
      ['not_found', 'ok'],
    ]).toContainEqual([shared.code, removed.code])
    const seen = (await scene.customer.admin()).snapshot.policy?.apis ?? []
    expect(seen).toHaveLength(shared.code === 'ok' ? 1 : 0)
  })
})

describe('the number of APIs', () => {
  it('that others share never stops an organization from making its own', async () => {
    const { organizationId } = scene.customer
    const admin = await scene.provider.admin()
    const shareWithCustomer = (apiId: ApiId) =>
      shareApi(scene.dependencies, admin, { apiId, organizationId }, { sections: {} }, origin)
    for (let index = 0; index < 50; index += 1) {
      const { apiId } = await scene.create({ name: `api-${index}` }, scene.provider.admin())
      const shared = await refusal(shareWithCustomer(apiId))
      expect(shared.code).toBe(index < 10 ? 'ok' : 'invalid_request')
    }
    const full = await refusal(scene.create({ name: 'one-more' }, scene.provider.admin()))
    expect([full.code, full.paths]).toEqual(['invalid_request', ['name']])
    expect((await refusal(scene.create({ name: 'own' }, scene.customer.admin()))).code).toBe('ok')
    const { apiId } = await scene.create({ name: 'theirs' })
    const share = shareApi(
      scene.dependencies,
      await scene.admin(),
      { apiId, organizationId },
      { sections: {} },
      origin,
    )
    expect((await refusal(share)).code).toBe('ok')
  })
})
