import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { type ServedDocuments, serveDocuments } from '../providers/loopback-documents.ts'
import { documentsFolder, documentsTitle, readDocuments } from '../providers/provider-documents.ts'
import type { Laptop } from './laptop.ts'
import { ask, startLaptop } from './laptop.ts'

const documents = readDocuments(documentsFolder)

type Prefix = { readonly ip_prefix: string; readonly region: string }
type Aws = {
  readonly prefixes: readonly Prefix[]
  readonly [field: string]: unknown
}
const aws: Aws = JSON.parse(documents.aws)
const [first] = aws.prefixes
if (first === undefined) throw new Error('the list is empty')
const insideAws = first.ip_prefix.split('/')[0] ?? ''
const regionInside = first.region
const errorPage = readFileSync(
  join(import.meta.dirname, '../providers/fixtures/error-pages/azure-404.txt'),
  'utf8',
)
const laterAws = (change: Partial<Aws>) =>
  JSON.stringify({ ...aws, syncToken: String(Number(aws['syncToken']) + 60), ...change })

type ListState = {
  readonly provider: string
  readonly available: boolean
  readonly version: string | null
  readonly lastError: { readonly reason: string } | null
  readonly lastChange: unknown
  readonly ipv4Addresses: number | null
}

let served: ServedDocuments
let laptop: Laptop

const listOf = async (provider: string): Promise<ListState> => {
  const { json } = await laptop.admin('/v1/whitelist/providers')
  const { providers } = json as { providers: ListState[] }
  const found = providers.find((list) => list.provider === provider)
  if (found === undefined) throw new Error(`${provider} is not listed`)
  return found
}

const until = async (provider: string, wanted: (list: ListState) => boolean): Promise<ListState> => {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const list = await listOf(provider)
    if (wanted(list)) return list
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  throw new Error(
    `${provider} never got there: ${JSON.stringify(await listOf(provider))}\n${laptop.output()}`,
  )
}

const refresh = async (...providers: string[]): Promise<void> => {
  const asked = await laptop.admin('/v1/whitelist/providers/refresh', {
    body: providers.length === 0 ? {} : { providers },
  })
  expect(asked.status, asked.text).toBe(202)
}

const check = async (username: string, address: string) =>
  (await laptop.admin('/v1/whitelist/check', { body: { username, address } })).json as {
    allowed: boolean
    entry: string | null
    reason: string
  }

describe(`provider words, with ${documentsTitle}`, () => {
  beforeAll(async () => {
    served = await serveDocuments(documentsFolder)
    for (const path of ['aws/ip-ranges.json', 'cloudflare/ips-v4']) served.replace(path, '', 503)
    laptop = await startLaptop({ POSTERN_PROVIDER_SOURCES: served.url })
  })
  afterAll(async () => {
    expect(await laptop.stop()).toBe(0)
    await served.stop()
  })

  const createUser = async (username: string, whitelist: readonly string[]) => {
    const created = await laptop.admin('/v1/users', {
      body: { username, role: 'User', permissions: { orders: 'read' }, whitelist, generate: 'token' },
    })
    expect(created.status, created.text).toBe(201)
    return created.json as {
      user: { userId: UserId }
      credential: { token: string }
      warnings?: string[]
    }
  }

  it('deny before the first good download, and say so when they are saved', async () => {
    expect(laptop.lines['provider lists']).toBe(`being loaded from ${served.url}`)
    await until('AWS', ({ lastError }) => lastError !== null)
    const { warnings, credential } = await createUser('in-aws', ['AWS'])
    expect(warnings).toEqual([expect.stringMatching(/^AWS matches no address/)])
    expect(await check('in-aws', insideAws)).toMatchObject({
      allowed: false,
      entry: 'AWS',
      reason: expect.stringMatching(/^whitelist_unevaluable: there is no published list for AWS/),
    })
    const orders = await ask(`${laptop.api}/demo/orders`, {
      headers: { authorization: `Bearer ${credential.token}` },
    })
    expect(orders.status).toBe(403)
    const list = await listOf('AWS')
    expect(list).toMatchObject({ available: false, version: null, lastError: { reason: 'status' } })
  })

  it('let in from the first good download on, and name the published block and the version', async () => {
    served.replace('aws/ip-ranges.json', null)
    served.replace('cloudflare/ips-v4', null)
    await refresh('AWS', 'CLOUDFLARE')
    const list = await until('AWS', ({ available }) => available)
    expect(list).toMatchObject({ version: aws['syncToken'], lastError: null })
    expect(await check('in-aws', insideAws)).toMatchObject({
      allowed: true,
      entry: 'AWS',
      reason: expect.stringMatching(
        new RegExp(`^matched: AWS through ${insideAws.split('.')[0]}\\.[0-9./]+, list of ${list.version}$`),
      ),
    })
    expect(await check('in-aws', '198.51.100.7')).toMatchObject({ allowed: false, entry: null })
    expect(await check('in-aws', `::ffff:${insideAws}`)).toMatchObject({ allowed: true })

    const explained = await laptop.admin('/v1/access/explain', {
      body: { username: 'in-aws', method: 'GET', path: '/orders', address: insideAws },
    })
    expect(explained.text).toContain(`is in AWS through `)
    expect(explained.text).toContain(`list of ${list.version}`)
  })

  it('are told apart by name: a published one is saved with its size, another is refused with the nearest', async () => {
    const { user } = await createUser('narrow', [`AWS:${regionInside}`])
    const put = (entries: readonly string[]) =>
      laptop.admin(`/v1/users/${user.userId}/whitelist`, { method: 'PUT', body: { entries } })
    const wide = await put(['AWS'])
    expect(wide.json).toMatchObject({
      entries: ['AWS'],
      warnings: [expect.stringMatching(/^AWS allows .* IPv4 addresses.*Narrow it if possible/)],
    })
    const misspelt = regionInside.toUpperCase()
    const refused = await put(['203.0.113.7', `AWS:${misspelt}`])
    expect(refused.status).toBe(400)
    expect(refused.json).toMatchObject({
      errors: [{ path: 'entries.1', message: expect.stringContaining(`AWS:${regionInside}`) }],
    })
    const details = await laptop.admin('/v1/whitelist/providers/AWS')
    expect(details.json).toMatchObject({ provider: { names: expect.arrayContaining([regionInside]) } })
  })

  it.each([
    ['an error page', errorPage, /^not_the_document$/],
    ['an empty body', '', /^empty$/],
    [
      'a document that was cut off',
      documents.aws.slice(0, documents.aws.length / 2),
      /^(truncated|malformed)$/,
    ],
    ['a document that lost most addresses', laterAws({ prefixes: aws.prefixes.slice(0, 1) }), /^shrunk$/],
    [
      'a private range',
      laterAws({ prefixes: [...aws.prefixes, { ...first, ip_prefix: '10.0.0.0/8', region: 'x' }] }),
      /^reserved_space$/,
    ],
  ])('stay as they were after %s, and the failure is shown', async (_what, body, reason) => {
    const before = await listOf('AWS')
    served.replace('aws/ip-ranges.json', body)
    await refresh('AWS')
    const after = await until('AWS', ({ lastError }) => reason.test(lastError?.reason ?? ''))
    expect(after).toMatchObject({ available: true, version: before.version, lastChange: before.lastChange })
    expect(await check('in-aws', insideAws)).toMatchObject({ allowed: true, entry: 'AWS' })
    served.replace('aws/ip-ranges.json', null)
  })

  it('follow a good update, whose difference administrators can read', async () => {
    const added = { ...first, ip_prefix: '203.0.112.0/24' }
    served.replace('aws/ip-ranges.json', laterAws({ prefixes: [...aws.prefixes, added] }))
    await refresh('AWS')
    await until('AWS', ({ version, lastError }) => version !== aws['syncToken'] && lastError === null)
    const details = await laptop.admin('/v1/whitelist/providers/AWS')
    expect(details.json).toMatchObject({
      provider: {
        changes: [
          { added: { ipv4Addresses: 256, blocks: ['203.0.112.0/24'] }, removed: { ipv4Addresses: 0 } },
          { fromVersion: null },
        ],
      },
    })
  })

  it('can be tried out first: a dry run names the seen calls that a change would refuse, and writes nothing', async () => {
    const { user, credential } = await createUser('careful', [])
    const headers = { authorization: `Bearer ${credential.token}` }
    for (const from of ['127.0.0.1', '127.0.0.2'])
      expect((await ask(`${laptop.api}/demo/orders`, { headers, from })).status).toBe(200)
    const path = `/v1/users/${user.userId}`
    const addresses = async () => {
      const { json } = await laptop.admin(`${path}/sightings`)
      return (json as { addresses: unknown[] }).addresses
    }
    await expect.poll(addresses).toHaveLength(2)
    const before = await laptop.admin(path)

    const rehearsed = await laptop.admin(`${path}/whitelist?dryRun=true`, {
      method: 'PUT',
      body: { entries: ['127.0.0.1', 'AWS'] },
    })
    expect(rehearsed.json).toMatchObject({
      entries: ['127.0.0.1', 'AWS'],
      dryRun: { refusedAddresses: [{ address: '127.0.0.2', refused: 0 }], refusedEndpoints: [] },
    })
    const denied = await laptop.admin(`${path}?dryRun=true`, {
      method: 'PATCH',
      body: { permissions: { orders: 'deny' } },
    })
    expect(denied.json).toMatchObject({
      dryRun: {
        refusedAddresses: [],
        refusedEndpoints: [{ api: expect.stringMatching(/^api_/), endpoint: 'GET /orders', aid: null }],
      },
    })
    const unchanged = await laptop.admin(`${path}/roles?dryRun=true`, {
      method: 'PUT',
      body: { allAccountGroupRoles: [{ roleId: 3 }] },
    })
    expect(unchanged.json).toMatchObject({
      user: { roles: ['Read Only'] },
      dryRun: { seen: { endpoints: 1 }, refusedAddresses: [], refusedEndpoints: [] },
    })
    expect((await laptop.admin(path)).json).toEqual(before.json)
    const seen = await laptop.admin(`${path}/sightings`)
    expect(seen.json).toMatchObject({
      addresses: expect.arrayContaining([
        expect.objectContaining({ address: '127.0.0.2' }),
        expect.objectContaining({ address: '127.0.0.1' }),
      ]),
      endpoints: [{ endpoint: 'GET /orders' }],
    })
  })
})
