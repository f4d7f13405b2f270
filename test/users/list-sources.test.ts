import { expect, it } from 'vitest'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { readSightings, writeSightingsPart } from '../../lib/sightings/sightings-store.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { listSources, mostAddresses } from '../../lib/users/list-sources.ts'
import type { SourceListQuery } from '../../lib/users/source-endpoints.ts'
import { formatEntry } from '../../lib/whitelist/entry.ts'
import type { WhitelistRanges } from '../../lib/whitelist/match.ts'
import { origin } from '../organizations/organization.ts'
import { accessScene } from '../policy/access-scene.ts'

/** A published list of AWS with one block. */
const ranges: WhitelistRanges = (entry) =>
  formatEntry(entry).startsWith('AWS')
    ? {
        state: 'ready',
        providerVersion: '1',
        prefixOf: ({ w3 }) => (w3 >>> 16 === 0x0334 ? '3.52.0.0/16' : undefined),
      }
    : undefined

const scenery = async () => {
  const scene = await accessScene()
  const { table } = scene
  const see = (
    organizationId: OrganizationId,
    userId: UserId,
    credential: `key_${number}` | 'password',
    addresses: Readonly<
      Record<string, readonly [first: number, last: number, count: number, refused: number]>
    >,
  ) =>
    writeSightingsPart(
      table,
      { organizationId, userId, credential: credential as 'password' },
      {
        ...{ index: 0, version: 1, writtenAt: 1_795_000_000, hour: 0, writes: 1 },
        seen: Object.entries(addresses).map(([name, [firstSeconds, lastSeconds, count, refused]]) => ({
          ...{ kind: 'address' as const, name, firstSeconds, lastSeconds, count, refused },
        })),
      },
    )
  const list = async (query: SourceListQuery, caller?: Awaited<ReturnType<typeof scene.admin>>) =>
    listSources(
      {
        ...scene.dependencies,
        readSightings: (organizationId, userId) => readSightings(table, organizationId, userId),
        prepareRanges: () => Promise.resolve(ranges),
      },
      caller ?? (await scene.admin()),
      query,
    )
  return { ...scene, see, list }
}

it('sums the calls of all credentials of a user at each address, and says whose network it is and whether the whitelist lets it in', async () => {
  const { see, list, make, organizationId } = await scenery()
  const { user } = await make({ username: 'partner', whitelist: ['203.0.113.0/24', 'AWS'] })
  await see(organizationId, user.userId, 'password', {
    '203.0.113.7': [1000, 5000, 3, 1],
    '2001:db8:1:2::7': [1, 2, 5, 5],
  })
  await see(organizationId, user.userId, 'key_1', {
    '203.0.113.7': [2000, 9000, 4, 0],
    '3.52.9.9': [1, 2, 1, 0],
  })
  const { sources, nextCursor } = await list({ userId: user.userId })
  expect(nextCursor).toBeNull()
  const named = { userId: user.userId, username: 'partner' }
  expect(sources.toSorted((a, b) => b.count - a.count)).toEqual([
    {
      ...named,
      ...{ address: '203.0.113.7', network: '203.0.113.0/24', cloud: null, whitelisted: true },
      ...{ count: 7, refused: 1 },
      ...{ firstSeenAt: '1970-01-01T00:16:40.000Z', lastSeenAt: '1970-01-01T02:30:00.000Z' },
    },
    expect.objectContaining({
      ...{ address: '2001:db8:1:2::7', network: '2001:db8:1::/48', cloud: null, whitelisted: false },
      ...{ count: 5, refused: 5 },
    }),
    expect.objectContaining({
      ...{ address: '3.52.9.9', network: '3.52.0.0/16', cloud: 'AWS', whitelisted: true, count: 1 },
    }),
  ])
})

it('lists each user of the organization once over all pages, and none of another one', async () => {
  const { see, list, make, makeOrganization, organizationId } = await scenery()
  const other = await makeOrganization('other')
  const theirs = await other.make({ username: 'stranger' })
  await see(other.organizationId, theirs.user.userId, 'password', { '198.51.100.1': [1, 2, 1, 0] })
  for (const username of ['crane', 'heron', 'stork']) {
    const { user } = await make({ username })
    await see(organizationId, user.userId, 'password', { '203.0.113.7': [1, 2, 1, 0] })
    // What the same user did in another organization is that organization's to see.
    await see(other.organizationId, user.userId, 'password', { '198.51.100.2': [1, 2, 1, 0] })
  }
  const listed: string[] = []
  let cursor: string | undefined
  do {
    const page = await list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) })
    listed.push(...page.sources.map(({ username, address }) => `${username} ${address}`))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(listed).toEqual(['crane 203.0.113.7', 'heron 203.0.113.7', 'stork 203.0.113.7'])
  await expect(list({ userId: theirs.user.userId })).rejects.toThrow('not_found')
})

it('names the latest addresses of a user with very many, on the one page that it has', async () => {
  const { see, list, make, organizationId } = await scenery()
  const { user } = await make({ username: 'roamer' })
  const called = Array.from({ length: mostAddresses + 50 }, (_, index) => [
    `10.0.${index >> 8}.${index & 255}`,
    [1, 1000 + index, 1, 0] as const,
  ])
  for (let first = 0; first < called.length; first += 50)
    await see(
      organizationId,
      user.userId,
      `key_${first}`,
      Object.fromEntries(called.slice(first, first + 50)),
    )
  const { sources } = await list({ userId: user.userId })
  expect(sources.map(({ address }) => address)).toEqual(
    called
      .slice(50)
      .map(([address]) => address)
      .toReversed(),
  )
  const { nextCursor } = await list({ limit: 1 })
  const cursor = nextCursor ?? 'AAAA'
  await expect(list({ userId: user.userId, cursor })).rejects.toThrow('invalid_request')
})

it('lets in every address of a user without a whitelist, unless the organization demands one', async () => {
  const { see, list, make, admin, organizationId } = await scenery()
  const { user } = await make({ username: 'free' })
  await see(organizationId, user.userId, 'password', { '203.0.113.7': [1, 2, 1, 0] })
  const query = { userId: user.userId }
  expect((await list(query)).sources).toMatchObject([{ whitelisted: true }])
  const caller = await admin()
  const { subject } = caller
  const organization = { ...subject.organization, whitelistRequired: true }
  expect((await list(query, { ...caller, subject: { ...subject, organization } })).sources).toMatchObject([
    { whitelisted: false },
  ])
})

it('says nothing of the whitelist of a guest, which its home organization keeps', async () => {
  const { see, list, admin, dependencies, makeOrganization, organizationId } = await scenery()
  const other = await makeOrganization('other')
  const { user } = await other.make({ username: 'guest', whitelist: ['203.0.113.0/24'] })
  await createUser(dependencies, await admin(), { username: 'guest' }, origin)
  await see(organizationId, user.userId, 'password', { '198.51.100.1': [1, 2, 1, 0] })
  expect((await list({ userId: user.userId })).sources).toMatchObject([{ whitelisted: null }])
})
