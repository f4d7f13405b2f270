import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { CallFailure } from '../../console/client/failure.ts'
import { readExport } from '../../console/screens/audit/read-export.ts'
import type { Look } from '../../console/screens/denials/looks.ts'
import { longest, nextWait, shortest } from '../../console/screens/denials/looks.ts'

it('looks at once again when there is something new, and rarer and rarer while there is nothing', () => {
  const waits = (looks: readonly Look[]): number[] => {
    const all: number[] = []
    for (const look of looks) all.push(nextWait(all.at(-1) ?? shortest, look))
    return all
  }
  const same = { is: 'same' } as const
  expect(waits([same, same, { is: 'new' }, same])).toEqual([7_500, 11_250, 5_000, 7_500])
  expect(waits(Array.from({ length: 20 }, () => same)).at(-1)).toBe(longest)
})

it('never asks again before the time that the API gave', () => {
  fc.assert(
    fc.property(fc.integer({ min: shortest, max: longest }), fc.nat({ max: 300 }), (wait, seconds) => {
      const next = nextWait(wait, { is: 'failed', retryAfterSeconds: seconds })
      expect(next).toBeGreaterThanOrEqual(seconds * 1000)
      expect(next).toBeGreaterThanOrEqual(Math.min(longest, 2 * wait))
    }),
  )
  expect(nextWait(shortest, { is: 'failed', retryAfterSeconds: null })).toBe(2 * shortest)
})

/** An export of so many rows, three in each answer. */
const exportOf = (rows: number) => {
  let calls = 0
  const fetchPage = async (cursor = '0') => {
    calls += 1
    const from = Number(cursor)
    const page = Array.from({ length: Math.min(3, rows - from) }, (_, index) => `{"row":${from + index}}\n`)
    const headers = from + 3 < rows ? { 'postern-next-cursor': String(from + 3) } : undefined
    return new Response(page.join(''), headers === undefined ? {} : { headers })
  }
  return { fetchPage, calls: () => calls }
}

it.each([
  [0, 0, true, 1],
  [7, 7, true, 3],
  [9, 9, true, 3],
  [10, 9, false, 3],
  [1000, 9, false, 3],
])('of an export of %i rows, keeps %i if it may keep 9', async (rows, kept, isWhole, calls) => {
  const progress: number[] = []
  const source = exportOf(rows)
  const read = await readExport(
    source.fetchPage,
    (count) => progress.push(count),
    new AbortController().signal,
    9,
  )
  expect(read).toEqual({
    lines: Array.from({ length: kept }, (_, index) => `{"row":${index}}`),
    isWhole,
  })
  expect(source.calls()).toBe(calls)
  expect(progress.at(-1)).toBe(kept)
})

it('says that the network was lost, also while an answer comes, and nothing of what was stopped', async () => {
  const { signal } = new AbortController()
  const brokenBy = (fault: Error) => () =>
    Promise.resolve(new Response(new ReadableStream({ pull: (body) => body.error(fault) })))
  const lost = readExport(brokenBy(new TypeError('network error')), () => {}, signal)
  await expect(lost).rejects.toEqual(new CallFailure('offline'))
  const stop = new DOMException('stopped', 'AbortError')
  await expect(readExport(brokenBy(stop), () => {}, signal)).rejects.toBe(stop)
})

it('saves nothing of an export that is stopped when its last answer has come', async () => {
  const stop = new AbortController()
  const progress: number[] = []
  const fetchPage = async () => {
    stop.abort('stopped')
    return new Response('{"row":1}\n')
  }
  await expect(readExport(fetchPage, (count) => progress.push(count), stop.signal)).rejects.toBe('stopped')
  expect(progress).toEqual([])
})
