import type { Decision } from '../../lib/decision/decide.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { partitions } from '../../lib/table/keys.ts'
import { makeUsageCounts } from '../../lib/usage/count-usage.ts'
import { usageShards } from '../../lib/usage/stored-usage.ts'
import { shop, subject } from '../decision/sample-subject.ts'
import { randomFrom } from './random.ts'
import type { Cost } from './recorded-operations.ts'

/** Who asks how often. Users and requests are spread evenly over the organizations. */
export type Shape = { readonly perSecond: number; readonly users: number; readonly organizations: number }

const simulatedSeconds = 1200
const start = Date.parse('2026-11-21T09:00:00Z')

const known = new Map<string, Cost>()

/** What the product's own usage counts write for one decision, from twenty minutes of one container. */
export const usageCost = (shape: Shape, environments: number): Cost => {
  const each = (shape.perSecond / environments).toPrecision(2)
  const name = [each, shape.users, shape.organizations].join(' ')
  const cost = known.get(name) ?? simulated(shape, Number(each))
  known.set(name, cost)
  return cost
}

const simulated = (shape: Shape, each: number): Cost => {
  const random = randomFrom(3)
  let now = start
  let decisions = 0
  let writeUnits = 0
  let underWay: (() => Promise<void>)[] = []
  const note = makeUsageCounts({
    write: async ({ counts }) => {
      writeUnits += Math.max(1, Math.ceil(JSON.stringify(counts.map(Object.values)).length / 1024))
    },
    behind: (work) => underWay.push(work),
    now: () => now,
    newId: () => 'simulated',
    onFault: (fault) => {
      throw fault
    },
  })
  for (let second = 0; second < simulatedSeconds; second += 1) {
    now = start + second * 1000
    const requests = Math.floor(each) + (random() < each % 1 ? 1 : 0)
    for (let request = 0; request < requests; request += 1) {
      const user = Math.floor(random() * shape.users)
      const userId: UserId = `usr_${user.toString(36).padStart(16, '0')}`
      const organizationId: OrganizationId = `org_${(user % shape.organizations).toString(36).padStart(10, '0')}`
      const caller = subject({ userId })
      const organization = { ...caller.organization, organizationId }
      const decision: Decision = {
        allow: true,
        subject: { ...caller, organization },
        aid: null,
        by: 'a role',
      }
      const target = { kind: 'protected', api: shop } as const
      note(decision, { address: '203.0.113.7', method: 'GET', path: '/orders/17', aid: null, target })
      decisions += 1
    }
    for (const work of underWay) void work()
    underWay = []
  }
  return {
    of: 'table',
    partition: `${partitions.usage}org_*`,
    scope: 'organization',
    spread: usageShards,
    readUnits: 0,
    writeUnits: writeUnits / Math.max(1, decisions),
  }
}
