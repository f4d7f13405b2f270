import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { bytesOf, keepRecentReads } from '../../lib/effects/recent-reads.ts'

let clock: number
beforeEach(() => {
  clock = 1_795_251_660_000
})

/** The values weigh 1 each, if nothing else is given. */
const recent = (seconds: number, most: number, weightOf: (value: string) => number = () => 1) => {
  const { find, share, keep } = keepRecentReads<string>(seconds, { most, weightOf }, () => clock)
  return {
    share,
    keep: (key: string, value: string, readAt: number) => keep(key, { value, readAt }),
    get: async (key: string) => (await find(key))?.value,
  }
}

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

/** A WeakRef holds what it points at until the turn in which it was made or looked at is over. */
const collectGarbage = async (): Promise<void> => {
  await nextTurn()
  gc()
}

describe('what was read lately', () => {
  it('is there for so long from when its read began, however often it is asked for', async () => {
    const reads = recent(5, 10)
    reads.keep('one', 'value', clock - 1000)
    for (const [after, found] of [
      [0, 'value'],
      [3999, 'value'],
      [1, undefined],
    ] as const) {
      clock += after
      expect(await reads.get('one')).toBe(found)
    }
  })

  it('is nothing at 0 seconds, and nothing while the clock is back before its read', async () => {
    for (const seconds of [0, 5]) {
      const reads = recent(seconds, 10)
      reads.keep('one', 'value', clock)
      expect(await reads.get('one')).toBe(seconds === 0 ? undefined : 'value')
      clock -= 1
      expect(await reads.get('one')).toBeUndefined()
    }
  })

  it('is found under its own key only, with what was kept last', async () => {
    const reads = recent(5, 10)
    reads.keep('one', 'first', clock)
    reads.keep('two', 'other', clock)
    reads.keep('one', 'second', clock)
    expect(await Promise.all(['one', 'two', 'three'].map(reads.get))).toEqual(['second', 'other', undefined])
  })

  it('is bounded by its weight: what was kept first makes room, unless it was read again', async () => {
    const reads = recent(5, 6, (value) => value.length)
    reads.keep('one', 'xxx', clock)
    reads.keep('two', 'xxx', clock)
    reads.keep('one', 'yyy', clock)
    const kept = () => Promise.all(['one', 'two', 'three', 'four'].map(reads.get))
    expect(await kept()).toEqual(['yyy', 'xxx', undefined, undefined])
    reads.keep('three', 'x', clock)
    expect(await kept()).toEqual(['yyy', undefined, 'x', undefined])
    reads.keep('four', 'xx', clock)
    expect(await kept()).toEqual(['yyy', undefined, 'x', 'xx'])
    reads.keep('two', 'x'.repeat(7), clock)
    expect(await kept()).toEqual([undefined, undefined, undefined, undefined])
  })

  it('is never replaced by what was read before it, unless the clock was set back', async () => {
    const reads = recent(5, 10)
    reads.keep('one', 'later', clock)
    reads.keep('one', 'earlier', clock - 1)
    expect(await reads.get('one')).toBe('later')
    clock -= 1
    reads.keep('one', 'earlier', clock)
    expect(await reads.get('one')).toBe('earlier')
  })

  it('is shared while it is read, for so long from its beginning, and not kept by that', async () => {
    const reads = recent(5, 10)
    const { promise, resolve } = Promise.withResolvers<string>()
    const first = reads.share('one', clock, promise)
    clock += 4999
    const second = reads.get('one')
    clock += 1
    expect(await reads.get('one')).toBeUndefined()
    clock -= 1
    resolve('value')
    expect(await first).toEqual({ value: 'value', readAt: clock - 4999 })
    expect(await second).toBe('value')
    expect(await reads.get('one')).toBeUndefined()
  })

  it('is not shared when its read failed', async () => {
    const reads = recent(5, 10)
    await expect(reads.share('one', clock, Promise.reject(new Error('no table')))).rejects.toThrow('no table')
    expect(await reads.get('one')).toBeUndefined()
  })

  it('leaves memory when its time is over, whatever the bound', async () => {
    const reads = keepRecentReads<object>(5, { most: 10, weightOf: () => 1 }, () => clock)
    const keepOne = (key: string) => {
      const value = {}
      reads.keep(key, { value, readAt: clock })
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

it('reserves three bytes and more for each character of the JSON of parsed items', () => {
  const text = fc.stringMatching(/^\w{0,40}$/)
  const values = [text, fc.integer({ min: -999_999, max: 9_999_999 }), fc.boolean(), fc.constant(null)]
  fc.assert(
    fc.property(fc.object({ key: text, values }), (items) => {
      expect(bytesOf(items)).toBeGreaterThanOrEqual(2000 + 3 * JSON.stringify(items).length)
    }),
  )
})
