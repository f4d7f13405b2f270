import { beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import type { AcceptListDependencies } from '../../lib/providers/accept-list.ts'
import { acceptList, showRefusedList } from '../../lib/providers/accept-list.ts'
import { parseAwsList } from '../../lib/providers/lists/aws-list.ts'
import {
  readNamedNarrowings,
  readRefusal,
  readRefusedParts,
} from '../../lib/providers/provider-refusal-store.ts'
import {
  readLastGood,
  readNarrowings,
  readProviderChanges,
  readProviderData,
  saveState,
  saveUpdate,
} from '../../lib/providers/provider-store.ts'
import { buildRangeItems } from '../../lib/providers/ranges/build-range-items.ts'
import { type RefreshDependencies, refreshProvider } from '../../lib/providers/refresh-providers.ts'
import { packList, unpackList } from '../../lib/providers/refused-list.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { compileWhitelist, matchWhitelist } from '../../lib/whitelist/match.ts'
import { rememberProviderRanges } from '../../lib/whitelist/provider-ranges.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { dependenciesOf, makeOrganization, origin } from '../organizations/organization.ts'
import { otherOrganization } from '../refusals/refusal-notes.ts'
import { documentsFolder, documentsTitle, readDocuments } from './provider-documents.ts'
import { readLists } from './provider-lists.ts'
import { awsText, type Row, shapes } from './shaped-lists.ts'

const rows = shapes.AWS.rows
const without = (name: string): Row[] => rows.filter(({ names }) => !names.includes(name))
const half = rows.slice(0, rows.length / 2)

let table: Table
let admin: Caller
let dependencies: ReturnType<typeof dependenciesOf> &
  AcceptListDependencies &
  Omit<RefreshDependencies, 'report'>
let published: ReturnType<typeof parseAwsList>

beforeEach(async () => {
  table = await freshTable()
  admin = (await makeOrganization(table)).admin
  dependencies = {
    ...dependenciesOf(table),
    readPublished: () => Promise.resolve(published),
    readLastGood: (provider) => readLastGood(table, provider),
    readNarrowings: (provider, names) => readNarrowings(table, provider, names),
    readNamedNarrowings: (provider) => readNamedNarrowings(table, provider),
    saveUpdate: (update) => saveUpdate(table, update),
    saveState: (state, refused) => saveState(table, state, refused),
    readRefusal: (provider) => readRefusal(table, provider),
    readRefusedParts: (refusal) => readRefusedParts(table, refusal),
    saveAccepted: (update, audit) => saveUpdate(table, update, audit),
    maximumAgeDays: 30,
  }
  expect(await refresh(rows)).toBe('updated')
})

const refresh = async (next: readonly Row[], syncToken = 1_700_000_000): Promise<string> => {
  published = parseAwsList(awsText(next, syncToken))
  return (await refreshProvider({ ...dependencies, report: () => undefined }, 'AWS')).outcome
}

const accept = (hash: string, caller = admin, dryRun = false) =>
  acceptList(dependencies, caller, 'AWS', { hash, dryRun }, origin)

const admits = async (entry: string, address: string): Promise<boolean> => {
  const prepare = rememberProviderRanges({
    read: (wanted, entries) => readProviderData(table, wanted, entries),
    now: Date.now,
    recheckSeconds: 60,
    maximumAgeDays: 30,
    onReadFailure: (error) => {
      throw error
    },
  })
  const whitelist = compileWhitelist([entry])
  return matchWhitelist(whitelist, address, await prepare(whitelist.providers)).outcome === 'matched'
}

const acceptances = async () =>
  (await allItems(table)).filter((item) => item['action'] === 'providers.list-accepted')

/** Of `me-central-1`, which is the fifth region of the scene. */
const inRegion = '21.4.8.7'

describe('a refused list', () => {
  it('shows what accepting it would do, and comes into force when it is accepted', async () => {
    expect(await admits('AWS:me-central-1', inRegion)).toBe(true)
    expect(await refresh(without('me-central-1'))).toBe('refused')
    const refused = await showRefusedList(dependencies, admin, 'AWS')
    expect(refused).toMatchObject({ reason: 'narrowing_lost', added: { blockCount: 0 } })
    expect(refused.removed.blockCount).toBeGreaterThan(20)
    const lost = refused.losses.narrowings.map(({ name }) => name)
    expect(lost).toEqual(expect.arrayContaining(['me-central-1', 'me-central-1:AMAZON', 'me-central-1:EC2']))
    expect(await admits('AWS', inRegion)).toBe(true)

    const rehearsed = await accept(refused.hash, admin, true)
    expect(rehearsed).toMatchObject({
      removed: refused.removed,
      losses: { count: refused.losses.count },
    })
    expect(await admits('AWS', inRegion)).toBe(true)
    expect(await acceptances()).toEqual([])

    const change = await accept(refused.hash)
    expect(change).toMatchObject({ removed: refused.removed, losses: { count: refused.losses.count } })
    expect(await admits('AWS', inRegion)).toBe(false)
    expect(await admits('AWS:me-central-1', inRegion)).toBe(false)
    expect(await readProviderChanges(table, 'AWS')).toHaveLength(2)
    expect(await acceptances()).toMatchObject([
      {
        targetId: 'AWS',
        changes: [
          {
            field: 'list',
            before: { version: '1700000000' },
            after: { version: '1700000000', hash: refused.hash, narrowingsLost: refused.losses.count },
          },
          { field: 'refused', before: 'narrowing_lost', after: null },
        ],
      },
    ])
    // Accepted is accepted: the next download of it is nothing new, and there is nothing to accept twice.
    expect(await refresh(without('me-central-1'))).toBe('unchanged')
    expect(await refusalCode(accept(refused.hash))).toBe('not_found')
  })

  it('is for administrators of the first organization', async () => {
    await refresh(half)
    const { hash } = await showRefusedList(dependencies, admin, 'AWS')
    const installed = await dependencies.readFirstOrganization()
    const other = await otherOrganization(table)
    const asInstalled = { ...dependencies, readFirstOrganization: () => Promise.resolve(installed) }
    const wanted = { hash, dryRun: false }
    expect(await refusalCode(showRefusedList(asInstalled, other.admin, 'AWS'))).toBe('access_denied')
    expect(await refusalCode(acceptList(asInstalled, other.admin, 'AWS', wanted, origin))).toBe(
      'access_denied',
    )
    expect(await acceptances()).toEqual([])
  })

  it('is accepted under its own hash only', async () => {
    expect(await refusalCode(accept('0'.repeat(64)))).toBe('not_found')
    await refresh(half)
    const { hash } = await showRefusedList(dependencies, admin, 'AWS')
    await refresh(without('me-central-1'))
    expect(await refusalCode(accept(hash))).toBe('precondition_failed')
    expect(await admits('AWS', inRegion)).toBe(true)
  })

  it('waits no more when a good list has come', async () => {
    await refresh(half)
    const { hash } = await showRefusedList(dependencies, admin, 'AWS')
    const more = { prefix: '99.80.0.0/20', names: ['eu-west-1', 'S3', 'eu-west-1:S3'] }
    expect(await refresh([...rows, more])).toBe('updated')
    expect(await refusalCode(showRefusedList(dependencies, admin, 'AWS'))).toBe('not_found')
    expect(await refusalCode(accept(hash))).toBe('not_found')
  })

  it('waits no more when the list in force is confirmed', async () => {
    await refresh(half)
    expect(await refresh(rows)).toBe('unchanged')
    expect(await refusalCode(showRefusedList(dependencies, admin, 'AWS'))).toBe('not_found')
  })

  it('may be a whole list that is older for good', async () => {
    expect(await refresh(rows.slice(4), 1_600_000_000)).toBe('older')
    const { hash, reason } = await showRefusedList(dependencies, admin, 'AWS')
    expect(reason).toBe('older')
    await accept(hash)
    expect(await refresh(rows, 1_600_000_001)).toBe('updated')
  })

  it('comes into force once when many accept it while refreshes go on', async () => {
    await refresh(without('me-central-1'))
    const { hash } = await showRefusedList(dependencies, admin, 'AWS')
    const outcomes = await Promise.all([
      ...Array.from({ length: 8 }, () => refusalCode(accept(hash))),
      ...Array.from({ length: 4 }, () => refresh(without('me-central-1'))),
    ])
    expect(outcomes.slice(0, 8).filter((outcome) => outcome === 'ok').length).toBeLessThanOrEqual(1)
    if (!outcomes.includes('ok')) await accept(hash)
    expect(await admits('AWS', inRegion)).toBe(false)
    expect(await admits('AWS:us-east-1', '15.4.8.7')).toBe(true)
    expect((await readLastGood(table, 'AWS')).state).toMatchObject({ refusedHash: null, held: [] })
  })

  it(`is kept as it was downloaded: ${documentsTitle}`, () => {
    for (const list of Object.values(readLists(readDocuments(documentsFolder)))) {
      const parts = packList(list)
      expect(parts.length).toBeGreaterThan(0)
      expect(buildRangeItems(unpackList(parts)).fingerprint).toBe(buildRangeItems(list).fingerprint)
    }
  })
})

describe('narrowings that whitelists name', () => {
  const make = (whitelist: string[], username = 'partner') =>
    createUser(dependencies, admin, { username, whitelist }, origin)
  const named = () => readNamedNarrowings(table, 'AWS').then((names) => [...names].sort())

  it('are known from the whitelist of each user, for as long as it is there', async () => {
    const { user } = await make(['AWS:EC2', 'AWS:eu-west-1:S3', 'AWS', '203.0.113.7'])
    await make(['AWS:EC2'], 'other')
    expect(await named()).toEqual(['EC2', 'eu-west-1:S3'])
    const expected = { version: null, ifMatch: null }
    await changeUser(dependencies, admin, user.userId, { whitelist: ['AWS:S3'] }, expected, origin)
    expect(await named()).toEqual(['EC2', 'S3'])
    await changeUser(dependencies, admin, user.userId, { whitelist: [] }, expected, origin)
    expect(await named()).toEqual(['EC2'])
    await changeUser(dependencies, admin, user.userId, { whitelist: ['AWS:GLOBAL'] }, expected, origin)
    await deleteUser(dependencies, admin, user.userId, null, origin)
    expect(await named()).toEqual(['EC2'])
  })

  it('keep their addresses until the list is accepted', async () => {
    await make(['AWS:EC2'])
    const ec2 = rows.filter(({ names }) => names.includes('EC2'))
    const cut = rows.filter((row) => !ec2.slice(2).includes(row))
    const address = (ec2.at(-1)?.prefix ?? '').split('/')[0] ?? ''
    expect(await admits('AWS:EC2', address)).toBe(true)
    expect(await refresh(cut)).toBe('updated')
    expect(await admits('AWS:EC2', address)).toBe(true)
    const { hash, reason, losses } = await showRefusedList(dependencies, admin, 'AWS')
    expect([reason, losses.narrowings[0]]).toMatchObject(['narrowings_held', { name: 'EC2', held: true }])
    await accept(hash)
    expect(await admits('AWS:EC2', address)).toBe(false)
    expect((await readLastGood(table, 'AWS')).state?.held).toEqual([])
    expect(await refresh(cut)).toBe('unchanged')
  })
})
