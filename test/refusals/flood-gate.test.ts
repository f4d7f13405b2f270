import { describe, expect, it } from 'vitest'
import type { ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { refusalsNoted, windowAt } from '../../lib/limits/throttle-rule.ts'
import { makeFloodGate } from '../../lib/refusals/flood-gate.ts'

/** One count for all copies of a function. */
const fleet = () => {
  const clock = { now: 1_795_251_600_000 }
  const counts = new Map<string, number>()
  const countAttempt = (rule: ThrottleRule, subject: string): Promise<number> => {
    const name = `${rule.name} ${subject} ${windowAt(rule, clock.now).startSeconds}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return Promise.resolve(count)
  }
  return {
    clock,
    asked: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    copy: () => makeFloodGate({ countAttempt, now: () => clock.now }, refusalsNoted),
  }
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

  it('asks no more once it knows that a source or a group is over its limit', async () => {
    const { copy, asked } = fleet()
    const gate = copy()
    const { perSource, perGroup } = refusalsNoted
    const times = async (count: number, source: (index: number) => string, scope?: string) => {
      for (let index = 0; index < count; index += 1) await gate('org_1 claimed', source(index), scope)
    }
    await times(100, () => 'address')
    expect(asked()).toBe(2 * perSource.attempts + 1)
    await times(100, (index) => `address ${index}`)
    const untilFull = perGroup.attempts - perSource.attempts + 1
    expect(asked()).toBe(2 * perSource.attempts + 1 + 2 * untilFull)
  })

  it('counts a source within its scope, where it has one', async () => {
    const gate = fleet().copy()
    const { attempts } = refusalsNoted.perSource
    const inScope = async (scope: string, group = 'org_1 claimed') => {
      const asked = []
      for (let index = 0; index <= attempts; index += 1) asked.push(await gate(group, 'address', scope))
      return asked.filter(Boolean).length
    }
    expect(await inScope('name 1')).toBe(attempts)
    expect(await inScope('name 2')).toBe(attempts)
    // The same name in another organization's group: known and unknown names use their allowances up alike.
    expect(await inScope('name 1', 'org_2 claimed')).toBe(0)
  })

  it('opens again with the next minute, and not before', async () => {
    const { copy, clock } = fleet()
    const gate = copy()
    for (let index = 0; index < 100; index += 1) await gate('org_1 claimed', `address ${index % 7}`)
    clock.now += 59_000
    expect(await gate('org_1 claimed', 'address 1')).toBe(false)
    expect(await gate('org_1 claimed', 'address 99')).toBe(false)
    clock.now += 1000
    const { perSource } = refusalsNoted
    expect(await gate('org_1 claimed', 'address 1')).toBe(true)
    for (let index = 0; index < perSource.attempts; index += 1) await gate('org_1 claimed', 'address 2')
    expect(await gate('org_1 claimed', 'address 2')).toBe(false)
    expect(await gate('org_1 claimed', 'address 3')).toBe(true)
  })
})
