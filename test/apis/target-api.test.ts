import { beforeEach, describe, expect, it } from 'vitest'
import { readApi, readApiIdByAudience } from '../../lib/apis/api-store.ts'
import { changeApi, deleteApi } from '../../lib/apis/manage-apis.ts'
import { endShare, shareApi } from '../../lib/apis/share-api.ts'
import { targetApiReader } from '../../lib/apis/target-api.ts'
import type { ApiId, OrganizationId } from '../../lib/secrets/key-id.ts'
import { origin } from '../organizations/organization.ts'
import type { ApiScene } from './api-scene.ts'
import { apiScene } from './api-scene.ts'

let scene: ApiScene
let own: { readonly apiId: ApiId; readonly audience: string }

beforeEach(async () => {
  scene = await apiScene()
  const { apiId } = await scene.create({ name: 'crm', audience: 'https://crm.example/v1' })
  own = { apiId, audience: 'https://crm.example/v1' }
})

const issuer = 'https://postern.example'
const target = (
  audience: string | null,
  { organizationId }: { readonly organizationId: OrganizationId } = scene,
) =>
  targetApiReader({
    issuer,
    readApiIdByAudience: (wanted) => readApiIdByAudience(scene.table, wanted),
    readApi: (apiId) => readApi(scene.table, apiId),
  })(audience, organizationId)
const postern = { ok: true, audience: null, apiId: null }
const refused = { ok: false }

describe('what a session token is to be for', () => {
  it.each([null, issuer, `${issuer}/`, 'https://POSTERN.example', `${issuer}:443/`])(
    'is Postern itself and nothing in particular: %j',
    async (audience) => {
      expect(await target(audience)).toEqual(postern)
      expect(await target(audience, scene.provider)).toEqual(postern)
    },
  )

  it('is the API that has the audience, when the organization owns it or it is shared with it', async () => {
    const found = { ok: true, ...own }
    expect(await target(own.audience)).toEqual(found)
    expect(await target(own.audience, scene.customer)).toEqual(refused)
    const share = { apiId: own.apiId, organizationId: scene.customer.organizationId }
    await shareApi(scene.dependencies, await scene.admin(), share, { sections: {} }, origin)
    expect(await target(own.audience, scene.customer)).toEqual(found)
    expect(await target(own.audience, scene.provider)).toEqual(refused)
    await endShare(scene.dependencies, await scene.customer.admin(), share, origin)
    expect(await target(own.audience, scene.customer)).toEqual(refused)
  })

  it('is refused alike for an audience that nobody has, and for one that is none of the organization’s', async () => {
    await scene.create({ name: 'theirs', audience: 'https://theirs.example' }, scene.provider.admin())
    expect(await target('https://theirs.example')).toEqual(await target('https://nobody.example'))
    expect(await target('https://theirs.example', scene.provider)).toMatchObject({ ok: true })
  })

  it.each([
    'https://crm.example/v1/',
    'https://crm.example/V1',
    'https://crm.example:8443/v1',
    'https://crm.example',
    '',
    ' ',
    'crm',
  ])('is compared to the letter: %j is no API', async (audience) => {
    expect(await target(audience)).toEqual(refused)
  })

  it('is the API of an origin with the slash that URL parsers put behind it, and without', async () => {
    const { apiId } = await scene.create({ name: 'site', audience: 'https://site.example' })
    const found = { ok: true, apiId, audience: 'https://site.example' }
    expect(await target('https://site.example/')).toEqual(found)
    // The other spelling is not free for another API, and may become that of this one.
    await expect(scene.create({ name: 'copy', audience: 'https://site.example/' })).rejects.toThrow()
    const spelt = { audience: 'https://site.example/' }
    await changeApi(scene.dependencies, await scene.admin(), apiId, spelt, origin)
    for (const wanted of ['https://site.example', 'https://site.example/'])
      expect(await target(wanted)).toEqual({ ok: true, apiId, ...spelt })
  })

  it.each(['https://CRM.example/v1', 'https://crm.example:443/v1', 'https://Crm.Example:443/v1'])(
    'is the API of the same place in another spelling, which is nobody else’s: %s',
    async (spelt) => {
      expect(await target(spelt)).toEqual({ ok: true, ...own })
      const taken = scene.create({ name: 'theirs', audience: spelt }, scene.provider.admin())
      await expect(taken).rejects.toMatchObject({ code: 'name_taken' })
    },
  )

  it('follows a change of the audience, and ends with the API', async () => {
    const moved = { audience: 'https://crm.example/v2' }
    await changeApi(scene.dependencies, await scene.admin(), own.apiId, moved, origin)
    expect(await target(own.audience)).toEqual(refused)
    expect(await target(moved.audience)).toEqual({ ok: true, apiId: own.apiId, ...moved })
    await deleteApi(scene.dependencies, await scene.admin(), own.apiId, origin)
    expect(await target(moved.audience)).toEqual(refused)
  })
})
