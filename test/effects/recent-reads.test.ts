import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, describe, expect, it } from 'vitest'
import { keepRecentReads } from '../../lib/effects/recent-reads.ts'

let clock: number
beforeEach(() => {
  clock = 1_795_251_660_000
})

const recent = (seconds: number, most: number) => keepRecentReads<string>(seconds, most, () => clock)

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

/** A WeakRef holds what it points at until the turn in which it was made or looked at is over. */
const collectGarbage = async (): Promise<void> => {
  await nextTurn()
  gc()
}

describe('what was read lately', () => {
  it('is there for so long from when its read began, however often it is asked for', () => {
    const reads = recent(5, 10)
    reads.keep('one', 'value', clock - 1000)
    for (const [after, found] of [
      [0, 'value'],
      [3999, 'value'],
      [1, undefined],
    ] as const) {
      clock += after
      expect(reads.get('one')).toBe(found)
    }
  })

  it('is nothing at 0 seconds, and nothing while the clock is back before its read', () => {
    for (const seconds of [0, 5]) {
      const reads = recent(seconds, 10)
      reads.keep('one', 'value', clock)
      expect(reads.get('one')).toBe(seconds === 0 ? undefined : 'value')
      clock -= 1
      expect(reads.get('one')).toBeUndefined()
    }
  })

  it('is found under its own key only, with what was kept last', () => {
    const reads = recent(5, 10)
    reads.keep('one', 'first', clock)
    reads.keep('two', 'other', clock)
    reads.keep('one', 'second', clock)
    expect(['one', 'two', 'three'].map(reads.get)).toEqual(['second', 'other', undefined])
  })

  it('is bounded: what was kept first makes room, unless it was kept again', () => {
    const reads = recent(5, 2)
    for (const key of ['one', 'two', 'one', 'three']) reads.keep(key, key, clock)
    expect(['one', 'two', 'three'].map(reads.get)).toEqual(['one', undefined, 'three'])
  })

  it('leaves memory when its time is over, whatever the bound', async () => {
    const reads = keepRecentReads<object>(5, 10, () => clock)
    const keepOne = (key: string) => {
      const value = {}
      reads.keep(key, value, clock)
      return new WeakRef(value)
    }
    const one = keepOne('one')
    clock += 4999
    const two = keepOne('two')
    await collectGarbage()
    expect([one, two].map((kept) => kept.deref() === undefined)).toEqual([false, false])
    clock += 1
    const three = keepOne('three')
    await collectGarbage()
    expect([one, two, three].map((kept) => kept.deref() === undefined)).toEqual([true, false, false])
  })
})
