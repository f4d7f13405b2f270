import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPlaces, type Place } from '../../../infra/local/function-places.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const taken = (place: Place | undefined): Place => {
  if (place === undefined) throw new Error('no place')
  return place
}

describe('createPlaces', () => {
  it('gives the place of whoever has been idle the longest, and never that of a busy one', () => {
    const places = createPlaces(3)
    const gone: string[] = []
    const take = (name: string) => taken(places.take(() => gone.push(name)))
    const [first, second] = [take('first'), take('second')]
    take('busy')
    second.idle()
    first.idle()
    take('fourth')
    expect(gone).toEqual(['second'])
    take('fifth')
    expect(gone).toEqual(['second', 'first'])
    expect(places.take(() => {})).toBeUndefined()
  })

  it('calls back, in order, as soon as there is a place to be had', () => {
    const places = createPlaces(1)
    const only = taken(places.take(() => {}))
    const woken: string[] = []
    for (const name of ['one', 'other']) places.whenFree(() => woken.push(name))
    expect(woken).toEqual([])
    only.idle()
    expect(woken).toEqual(['one'])
    only.leave()
    only.leave()
    expect(woken).toEqual(['one', 'other'])
    expect(places.take(() => {})).toBeDefined()
    expect(places.take(() => {})).toBeUndefined()
  })

  it('lets one go that waited a minute for its next request, and not one that got it', () => {
    const places = createPlaces(2)
    const gone: string[] = []
    const [used, unused] = ['used', 'unused'].map((name) => taken(places.take(() => gone.push(name))))
    used?.idle()
    used?.idle()
    unused?.idle()
    vi.advanceTimersByTime(59_000)
    used?.busy()
    vi.advanceTimersByTime(120_000)
    expect(gone).toEqual(['unused'])
  })
})
