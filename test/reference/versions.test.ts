import { beforeAll, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { EveryEndpoint } from './every-endpoint.ts'
import { everyEndpoint } from './every-endpoint.ts'

let every: EveryEndpoint
beforeAll(async () => {
  every = await everyEndpoint()
})

const otherProduct =
  'the call of another product; the change is based on the version that the call itself reads'
/** Why a change takes no version. */
const exceptions: Readonly<Record<string, string>> = {
  changeOwnPassword: 'the current password is the condition',
  chooseLoginAccountGroup: 'one choice of the user itself, whatever it was before',
  confirmMembership: 'one state, on the condition that the membership is suspended',
  acceptOwnInvitation: 'one state, on the condition that the invitation stands',
  changeCredential: 'each field is one state, whatever it was before',
  renameSecondFactor: 'a name of one’s own factor, which nobody else changes',
  acceptProviderList: 'the hash of the list is the condition',
  importSections:
    'the document is the whole truth about its sections, and the answer reports what it replaced',
  handOverApi: 'on the condition that the organization owns the API',
  switchOrganization: 'one state, whatever it was before',
  changeTykUser: otherProduct,
  changeTykPassword: otherProduct,
  resetTykKey: 'makes a new token',
  changeThousandEyesUser: otherProduct,
  changeThousandEyesUserV6: otherProduct,
  changeThousandEyesUserJson: otherProduct,
  deleteThousandEyesUser: 'deletes',
  deleteThousandEyesUserV6: 'deletes',
  deleteThousandEyesUserJson: 'deletes',
}

/** Operations on something that exists, except those that delete it or make something in it. */
const changing = endpoints.filter(
  ({ method, path, response }) =>
    ['PUT', 'PATCH'].includes(method) || (method === 'POST' && path.includes('{') && response.status !== 201),
)
const takesVersion = ({ request: { body } }: Endpoint): boolean =>
  Object.hasOwn((body as z.ZodObject | undefined)?.shape ?? {}, 'version')
const versioned = changing.filter(takesVersion).map((endpoint) => [endpoint.operationId, endpoint] as const)

describe('U7: a change of something that exists', () => {
  it('takes the version that it is based on, but for some', () => {
    const without = changing
      .filter((endpoint) => !takesVersion(endpoint))
      .map(({ operationId }) => operationId)
    expect(without.toSorted()).toEqual(Object.keys(exceptions).toSorted())
  })

  it.each(versioned)('is carried out once of two that are based on one version: %s', async (_, endpoint) => {
    const { ask, bodyOf } = every
    const basedOn = (version: number, query = '') =>
      ask(endpoint, { json: { ...(bodyOf(endpoint) as object), version }, query })
    const refused = { status: 409, body: { code: 'version_conflict' } }
    const unseen = await basedOn(2_000_000)
    expect(unseen).toMatchObject(refused)
    const current = Number(/ now at version (\d+)\.$/.exec(String(unseen.body['detail']))?.[1])
    const before = await every.scene.stored()
    expect(await basedOn(current + 1, 'dryRun=true')).toMatchObject(refused)
    expect((await basedOn(current, 'dryRun=true')).status).toBe(200)
    expect(await every.scene.stored()).toEqual(before)

    const both = await Promise.all([basedOn(current), basedOn(current)])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect(await basedOn(current)).toMatchObject(refused)
    expect(JSON.stringify(both.find(({ status }) => status === 200)?.body)).toMatch(/"version":\d+/)
    expect(endpoint.errors).toContain('version_conflict')
  })
})
