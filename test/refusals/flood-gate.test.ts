import { describe, expect, it } from 'vitest'
import type { ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { refusalsNoted } from '../../lib/limits/throttle-rule.ts'
import { makeFloodGate } from '../../lib/refusals/flood-gate.ts'

/** One count for all copies of a function. */
const fleet = () => {
  const counts = new Map<string, number>()
  const countAttempt = (rule: ThrottleRule, subject: string): Promise<number> => {
    const name = `${rule.name} ${subject}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return Promise.resolve(count)
  }
  return { copy: () => makeFloodGate({ countAttempt, now: () => 1_795_251_600_000 }, refusalsNoted) }
}

describe('the gate in front of what is written down about refusals', () => {
  it('lets one source use up no more than its own part of the group, at however many copies of a function', async () => {
    const { copy } = fleet()
    const asked = await Promise.all(Array.from({ length: 200 }, () => copy()('org_1 proven', 'usr_flood')))
    expect(asked.filter(Boolean)).toHaveLength(refusalsNoted.perSource.attempts)
    expect(await copy()('org_1 proven', 'usr_insider')).toBe(true)
  })

  it('lets all sources of a group have no more than what the group has, and other groups all of theirs', async () => {
    const { copy } = fleet()
    const gate = copy()
    const asked = []
    for (let index = 0; index < 100; index += 1) asked.push(await gate('org_1 claimed', `address ${index}`))
    expect(asked.filter(Boolean)).toHaveLength(refusalsNoted.perGroup.attempts)
    expect(await gate('org_2 claimed', 'address 1')).toBe(true)
  })
})
