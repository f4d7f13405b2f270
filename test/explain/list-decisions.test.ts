import { beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import type { DenialReason } from '../../lib/decision/decide.ts'
import type { DecisionListQuery } from '../../lib/explain/explain-endpoints.ts'
import { listDecisions } from '../../lib/explain/list-decisions.ts'
import { showDecision } from '../../lib/explain/show-decision.ts'
import type { StoredDecision } from '../../lib/refusals/kept-decision.ts'
import { keepDecision, keptItem, readDecisions } from '../../lib/refusals/kept-decision-store.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readTimeline } from '../../lib/table/read-timeline.ts'
import { itemKinds, timelineNames } from '../../lib/table/schema.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable, putItems } from '../fresh-table.ts'
import { dependenciesOf, makeCaller, makeOrganization } from '../organizations/organization.ts'
import { otherOrganization } from '../refusals/refusal-notes.ts'
import { countConsumption } from '../table/consumption.ts'

const now = Date.now()
const day = 24 * 3600 * 1000
const total = 1200

let table: Table
let admin: Caller
let stranger: Caller
/** Holds `postern-access` in the account group that only `placed` is in. */
let helper: Caller
let placed: UserId
let consumed: ReturnType<typeof countConsumption>
const written: StoredDecision[] = []

const reasons: readonly DenialReason[] = [
  'permission_not_granted',
  'whitelist_no_match',
  'credential_expired',
]

const decisionIn = (
  organizationId: OrganizationId,
  index: number,
  fields: Partial<StoredDecision>,
): StoredDecision => {
  const requestId = `request${String(index).padStart(6, '0')}=`
  return {
    ...keys.decision(organizationId, requestId),
    kind: itemKinds.decision,
    organizationId,
    requestId,
    // Two in each minute.
    at: new Date(now - Math.floor(index / 2) * 60_000).toISOString(),
    decidedBy: 'authorizer',
    apiId: index % 2 === 0 ? 'api_busy' : 'postern',
    method: 'GET',
    path: '/orders',
    address: '203.0.113.9',
    aid: null,
    reason: reasons[index % 3] ?? 'rate_limited',
    steps: [{ check: 'permission', passed: false, saw: 'nothing' }],
    proven: true,
    userId: `usr_${index % 7}` as const,
    username: `user-${index % 7}`,
    keyId: null,
    actingUserId: null,
    expiresAtSeconds: Math.floor(now / 1000) + 3600,
    ...fields,
  }
}

beforeAll(async () => {
  table = await freshTable(timelineNames)
  admin = (await makeOrganization(table)).admin
  stranger = (await otherOrganization(table)).admin
  const { organizationId } = admin.subject.organization
  const one = await makeCaller(table, admin, { username: 'placed', loginAccountGroup: null })
  placed = one.user.userId
  helper = { ...admin, reach: new Set([1]) }
  for (let index = 0; index < total; index += 1) {
    const sought: Partial<StoredDecision> =
      index % 100 === 5
        ? { userId: placed, apiId: 'api_rare', reason: 'rate_limited' }
        : index % 100 === 6
          ? { actingUserId: placed }
          : index % 100 === 7
            ? { userId: null, username: null, proven: false }
            : {}
    written.push(decisionIn(organizationId, index, sought))
  }
  written.push(
    decisionIn(organizationId, total, { expiresAtSeconds: Math.floor(now / 1000), userId: placed }),
  )
  const strangers = decisionIn(stranger.subject.organization.organizationId, 1, { userId: placed })
  const [first = strangers, ...others] = written
  for (const decision of [first, strangers]) await keepDecision(table, decision)
  await putItems(table, others.map(keptItem))
  consumed = countConsumption(table)
})

const dependencies = () => ({
  now: () => now,
  readMember: dependenciesOf(table).readMember,
  readTimeline: (...part: Parameters<typeof readTimeline> extends [unknown, ...infer Rest] ? Rest : never) =>
    readTimeline(table, ...part),
  readDecisions: (wanted: Parameters<typeof readDecisions>[1]) => readDecisions(table, wanted),
})

const list = (query: DecisionListQuery, caller = admin) => listDecisions(dependencies(), caller, query)

/** The plain reading of a query, over what was written. */
const expected = ({ userId, apiId, reason, proven, from, to }: DecisionListQuery): string[] =>
  written
    .filter(({ expiresAtSeconds }) => expiresAtSeconds > now / 1000)
    .filter((row) => userId === undefined || row.userId === userId || row.actingUserId === userId)
    .filter((row) => apiId === undefined || row.apiId === apiId)
    .filter((row) => reason === undefined || row.reason === reason)
    .filter((row) => proven === undefined || String(row.proven) === proven)
    .filter(({ at }) => (from === undefined || at >= from) && (to === undefined || at < to))
    .toSorted((one, other) => (`${one.at}${one.requestId}` < `${other.at}${other.requestId}` ? 1 : -1))
    .map(({ requestId }) => requestId)

const pagesOf = async (query: DecisionListQuery, caller = admin) => {
  const pages: { ids: string[]; evaluated: number; readUnits: number }[] = []
  let cursor: string | undefined
  do {
    let ids: string[] = []
    const cost = await consumed(async () => {
      const page = await list({ ...query, ...(cursor === undefined ? {} : { cursor }) }, caller)
      ids = page.decisions.map(({ requestId }) => requestId)
      cursor = page.nextCursor ?? undefined
    })
    pages.push({ ids, ...cost })
  } while (cursor !== undefined)
  return pages
}

const range = {
  from: new Date(now - 5 * 3600_000).toISOString(),
  to: new Date(now - 2 * 3600_000).toISOString(),
}

describe('GET /v1/access/decisions', () => {
  it.each<[string, () => DecisionListQuery]>([
    ['a user, and who acted as another', () => ({ userId: placed })],
    ['an API', () => ({ apiId: 'api_rare' })],
    ['a reason', () => ({ reason: 'rate_limited' })],
    ['a time', () => range],
    ['a user in a time', () => ({ userId: placed, ...range })],
    ['an API that the organization does not see', () => ({ apiId: 'api_unknown' })],
  ])('lists by %s: each once, newest first, at the cost of what is returned', async (_name, query) => {
    const pages = await pagesOf({ ...query(), limit: 5 })
    expect(pages.flatMap(({ ids }) => ids)).toEqual(expected(query()))
    for (const { ids, evaluated, readUnits } of pages) {
      expect(evaluated).toBeLessThanOrEqual(2 * 7)
      expect(readUnits).toBeLessThanOrEqual(ids.length + 4)
    }
  })

  it('lists all, and by several at once, with no page that looks at more than a thousand entries of an index', async () => {
    const all = await pagesOf({ limit: 100 })
    expect(all.flatMap(({ ids }) => ids)).toEqual(expected({}))
    const several: DecisionListQuery = { apiId: 'api_busy', reason: 'credential_expired', ...range }
    const pages = await pagesOf({ ...several, limit: 10 })
    expect(pages.flatMap(({ ids }) => ids)).toEqual(expected(several))
    for (const { evaluated } of pages) expect(evaluated).toBeLessThanOrEqual(1000)
    for (const proven of ['true', 'false'] as const) {
      const found = await pagesOf({ apiId: 'postern', proven, limit: 100 })
      expect(found.flatMap(({ ids }) => ids)).toEqual(expected({ apiId: 'postern', proven }))
    }
    expect(expected({ apiId: 'postern', proven: 'false' })).not.toEqual([])
  })

  it('shows the decision as it is shown alone', async () => {
    const { decisions } = await list({ userId: placed, limit: 2 })
    expect(decisions).toMatchObject([
      { allowed: false, reason: written[5]?.reason, subject: { userId: placed, proven: true }, steps: [{}] },
      { subject: { userId: written[6]?.userId, actingUserId: placed } },
    ])
    expect((await list({})).decisions).toHaveLength(50)
  })

  it('shows nothing of another organization, and nothing after its day', async () => {
    const { decisions } = await list({}, stranger)
    expect(decisions.map(({ requestId }) => requestId)).toEqual(['request000001='])
    const later = { ...dependencies(), now: () => now + day }
    expect(await listDecisions(later, admin, { from: '2020-01-01T00:00:00Z' })).toEqual({
      decisions: [],
      nextCursor: null,
    })
  })

  it('shows whoever manages an account group those of its users, and no unknown callers', async () => {
    expect((await pagesOf({ limit: 50 }, helper)).flatMap(({ ids }) => ids)).toEqual([])
    const reading = { ...dependencies(), readDecision: async () => written[5] }
    expect(await refusalCode(showDecision(reading, helper, 'request'))).toBe('not_found')
    expect(await showDecision(reading, admin, 'request')).toMatchObject({ subject: { userId: placed } })
    const group = { accountGroupRoles: [{ aid: 1, roles: [] }], loginAccountGroup: 1 }
    const inGroup = {
      ...dependencies(),
      readMember: async (userId: UserId, organizationId: OrganizationId) => {
        const member = await dependenciesOf(table).readMember(userId, organizationId)
        return member === undefined
          ? undefined
          : { ...member, membership: { ...member.membership, ...group } }
      },
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await listDecisions(inGroup, helper, cursor === undefined ? {} : { cursor })
      for (const { requestId, subject } of page.decisions) {
        expect(subject.userId).toBe(placed)
        seen.push(requestId)
      }
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toHaveLength(total / 100)
  })

  it('writes five index entries with a denial at most: the flood bound holds for them too', async () => {
    const kept = (await allItems(table)).filter(({ kind }) => kind === itemKinds.decision)
    expect(kept.length).toBe(total + 2)
    for (const item of kept)
      expect(timelineNames.filter((name) => item[name] !== undefined).length).toBeLessThanOrEqual(5)
  })
})
