import { mostKept } from '../../lib/admission/recent-callers.ts'
import { keepRecentReads } from '../../lib/effects/recent-reads.ts'
import { partitions } from '../../lib/table/keys.ts'
import { assumptions, quotas } from './quotas.ts'
import { randomFrom } from './random.ts'
import type { Cost, DecisionCosts, RecordedCosts } from './recorded-operations.ts'
import type { Shape } from './usage-writes.ts'
import { usageCost } from './usage-writes.ts'

/** How much of one limit a load takes. */
export type Use = {
  readonly limit: string
  readonly used: number
  readonly allowed: number
  /** A quota that AWS raises on request; else only another design helps. */
  readonly isAdjustable: boolean
}

export type Load = {
  readonly environments: number
  /** Of decisions: the part whose caller was in the container's cache. */
  readonly cached: number | null
  readonly readUnits: number
  readonly writeUnits: number
  readonly uses: readonly Use[]
}

/** Costs, and how often a second each is due. */
type Flow = { readonly costs: readonly Cost[]; readonly perSecond: number }

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** The limits of storage: of each partition key that callers share, and of the table and its indexes. */
const storageUses = (flows: readonly Flow[], organizations: number): Use[] => {
  const hot = new Map<string, number>()
  const totals = new Map<string, number>()
  const add = (to: Map<string, number>, name: string, units: number) =>
    to.set(name, (to.get(name) ?? 0) + units)
  for (const { costs, perSecond } of flows)
    for (const { of, partition, scope, spread, readUnits, writeUnits } of costs) {
      const keys = spread * (scope === 'organization' ? organizations : 1)
      for (const [kind, units] of [
        ['reads', readUnits],
        ['writes', writeUnits],
      ] as const) {
        if (units === 0) continue
        add(totals, `${kind} of ${of === 'table' ? 'the table' : `index ${of}`}`, units * perSecond)
        if (scope !== 'caller')
          add(hot, `${kind} of ${of === 'table' ? '' : `${of} `}${partition}`, (units * perSecond) / keys)
      }
    }
  const allowed = (name: string, of: { readonly readUnits: number; readonly writeUnits: number }) =>
    name.startsWith('reads') ? of.readUnits : of.writeUnits
  return [
    ...[...hot].map(([limit, used]) => ({
      limit,
      used,
      allowed: allowed(limit, quotas.partition),
      isAdjustable: false,
    })),
    ...[...totals].map(([limit, used]) => ({
      limit,
      used,
      allowed: allowed(limit, quotas.table),
      isAdjustable: true,
    })),
  ]
}

const edgeUses = (perSecond: number, environments: number): Use[] => [
  { limit: 'requests of API Gateway', used: perSecond, allowed: quotas.gateway.requests, isAdjustable: true },
  {
    limit: 'concurrency of Lambda',
    used: environments,
    allowed: quotas.lambda.environments,
    isAdjustable: true,
  },
]

const environmentsFor = (perSecond: number, busySeconds: number): number =>
  Math.max(1, Math.ceil(Math.max(perSecond / quotas.lambda.requestsPerEnvironment, perSecond * busySeconds)))

const unitsOf = (flows: readonly Flow[], unit: 'readUnits' | 'writeUnits'): number =>
  sum(flows.map(({ costs, perSecond }) => perSecond * sum(costs.map((cost) => cost[unit]))))

const simulatedSeconds = 60
const warmUpSeconds = 10
const simulatedContainers = 60

/** The part of requests that loads its caller, and its organization and API, with the product's own cache. */
const cacheLoads = (shape: Shape, environments: number, cacheSeconds: number) => {
  const random = randomFrom(1)
  const containers = Math.min(environments, simulatedContainers)
  const each = shape.perSecond / environments
  let at = 0
  const kept = (most: number) =>
    keepRecentReads<null>(cacheSeconds, { most, weightOf: () => assumptions.bytesOfCaller }, () => at)
  const caches = Array.from({ length: containers }, () => ({
    callers: kept(mostKept.callers),
    organizations: kept(mostKept.organizations),
  }))
  const loads = { requests: 0, callers: 0, organizations: 0 }
  for (let second = 0; second < simulatedSeconds; second += 1)
    for (const container of caches) {
      const requests = Math.floor(each) + (random() < each % 1 ? 1 : 0)
      for (let request = 0; request < requests; request += 1) {
        at = second * 1000 + Math.floor((request * 1000) / requests)
        const user = Math.floor(random() * shape.users)
        const isCounted = second >= warmUpSeconds
        if (isCounted) loads.requests += 1
        for (const [of, key] of [
          ['callers', user],
          ['organizations', user % shape.organizations],
        ] as const) {
          if (container[of].find(String(key)) !== undefined) continue
          container[of].keep(String(key), { value: null, readAt: at })
          if (isCounted) loads[of] += 1
        }
      }
    }
  const part = (count: number) => (loads.requests === 0 ? 1 : count / loads.requests)
  return { callers: part(loads.callers), organizations: part(loads.organizations) }
}

/** How often a second each container does something that it does once in `seconds` for each caller it serves. */
const perCallerAndContainer = (shape: Shape, environments: number, seconds: number): number =>
  shape.perSecond * Math.exp((-shape.perSecond / environments / shape.users) * seconds)

/** The same, once in `seconds` for each caller, whatever container serves it. */
const perCaller = ({ users, perSecond }: Shape, seconds: number): number =>
  Math.min(perSecond, (users / seconds) * (1 - Math.exp((-perSecond * seconds) / users)))

export const decisionLoad = (
  costs: DecisionCosts,
  shape: Shape,
  { cacheSeconds = 5, usage = usageCost } = {},
): Load => {
  const { perSecond, organizations } = shape
  const environments = environmentsFor(perSecond, assumptions.busySeconds.decision)
  const loads = cacheLoads(shape, environments, cacheSeconds)
  const flows: Flow[] = [
    { costs: costs.request, perSecond },
    { costs: costs.callerLoad, perSecond: perSecond * loads.callers },
    { costs: costs.organizationLoad, perSecond: perSecond * loads.organizations },
    // Each container reads what is stored about a credential once an hour; the first of them all writes.
    {
      costs: costs.callerFirst.filter(({ writeUnits }) => writeUnits === 0),
      perSecond: perCallerAndContainer(shape, environments, assumptions.notedAgainSeconds),
    },
    {
      costs: costs.callerFirst.filter(({ writeUnits }) => writeUnits > 0),
      perSecond: perCaller(shape, assumptions.notedAgainSeconds),
    },
    { costs: [usage(shape, environments)], perSecond },
  ]
  return {
    environments,
    cached: 1 - loads.callers,
    readUnits: unitsOf(flows, 'readUnits'),
    writeUnits: unitsOf(flows, 'writeUnits'),
    uses: [...edgeUses(perSecond, environments), ...storageUses(flows, organizations)],
  }
}

/** Of an operation that reads and writes the same each time: login, token, new user. */
export const operationLoad = (
  recorded: RecordedCosts,
  operation: 'login' | 'token' | 'newUser' | 'changedNames' | 'resetRequest',
  { perSecond, organizations }: Shape,
): Load => {
  const environments = environmentsFor(perSecond, assumptions.busySeconds[operation])
  const flows = [{ costs: recorded[operation], perSecond }]
  const signatures = operation === 'login' || operation === 'token' ? recorded.signatures[operation] : 0
  const others: Use[] = [
    {
      limit: 'session tokens of an organization',
      used: (signatures * perSecond) / organizations,
      allowed: assumptions.sessionTokensPerMinute / 60,
      isAdjustable: true,
    },
    {
      limit: 'RSA signatures of KMS',
      used: signatures * perSecond,
      allowed: quotas.kms.rsaSignatures,
      isAdjustable: true,
    },
    {
      limit: 'mails of SES in its sandbox',
      used: operation === 'resetRequest' ? perSecond : 0,
      allowed: quotas.mail.sandboxMails,
      isAdjustable: true,
    },
  ]
  return {
    environments,
    cached: null,
    readUnits: unitsOf(flows, 'readUnits'),
    writeUnits: unitsOf(flows, 'writeUnits'),
    uses: [...edgeUses(perSecond, environments), ...others, ...storageUses(flows, organizations)],
  }
}

/** Counts of usage are written behind the response: their limit refuses no caller. */
export const refusesCallers = ({ limit }: Use): boolean => !limit.includes(partitions.usage)

export const partUsed = ({ used, allowed }: Use): number => used / allowed

/** The limit of which a load takes most. */
export const tightest = (uses: readonly Use[]): Use => {
  const none = { limit: 'none', used: 0, allowed: 1, isAdjustable: false }
  return uses.reduce((most, use) => (partUsed(use) > partUsed(most) ? use : most), none)
}

/** The highest load, to two digits, that stays within all limits, and the limit that ends it; null if none does up to `most`. */
export const firstLimit = (
  loadAt: (perSecond: number) => Load,
  most: number,
  counts: (use: Use) => boolean,
): { readonly perSecond: number; readonly use: Use } | null => {
  const tightestAt = (perSecond: number) => tightest(loadAt(perSecond).uses.filter(counts))
  if (partUsed(tightestAt(most)) <= 1) return null
  let low = 1
  let high = most
  while (high / low > 1.01) {
    const middle = Math.sqrt(low * high)
    if (partUsed(tightestAt(middle)) <= 1) low = middle
    else high = middle
  }
  return { perSecond: Number(low.toPrecision(2)), use: tightestAt(high) }
}
