import { describe, expect, it } from 'vitest'
import { indexes, mergeSightings } from '../../lib/sightings/merge-sightings.ts'
import type { Seen } from '../../lib/sightings/seen.ts'
import type { SightingsPart } from '../../lib/sightings/sightings-part.ts'

const hour = 3600
const now = 100 * hour
const address = (name: string, lastSeconds = now): Seen => ({
  ...{ kind: 'address', name, firstSeconds: lastSeconds, lastSeconds },
  ...{ count: 1, refused: 0 },
})
const endpoint = (name: string, lastSeconds = now): Seen => ({
  ...address(name, lastSeconds),
  kind: 'endpoint',
})
const part = (index: number, seen: readonly Seen[], changed: Partial<SightingsPart> = {}): SightingsPart => ({
  ...{ index, seen, version: 1, writtenAt: now - hour, hour: 0, writes: 0 },
  ...changed,
})
const names = (merged: ReturnType<typeof mergeSightings>) => merged?.part.seen.map(({ name }) => name)
/** Two of them fill an item. */
const long = (name: string) => name.padEnd(320, 'x')

describe('the sightings of a credential', () => {
  it('are written twelve times an hour at most, by all containers together', () => {
    const written = (writes: number) => [
      part(0, [address('a')], { hour: now, writes: writes - 1 }),
      part(1, [address('b')], { hour: now, writes: 1 }),
    ]
    expect(mergeSightings(written(11), [address('c')], now)).not.toBeNull()
    expect(mergeSightings(written(12), [address('c')], now)).toBeNull()
    expect(mergeSightings(written(12), [address('c')], now + hour)).not.toBeNull()
  })

  it('keep the fifty latest addresses, and no older one comes in for a later', () => {
    const fifty = Array.from({ length: 50 }, (_, index) => address(`a${index}`, now - index))
    const parts = [0, 1, 2, 3, 4].map((index) => part(index, fifty.slice(10 * index, 10 * index + 10)))
    const merged = mergeSightings(parts, [address('new')], now)
    expect(merged?.part.index).toBe(4)
    expect(names(merged)).toEqual([...fifty.slice(40, 49).map(({ name }) => name), 'new'])
    expect(mergeSightings(parts, [address('late', now - 60)], now)).toBeNull()
  })

  it('take no room of another kind while an item is free', () => {
    const parts = [part(0, [endpoint(long('a'), now - 5), endpoint(long('b'), now - 6)])]
    expect(names(mergeSightings(parts, [address(long('c'))], now))).toEqual([long('c')])
    // Of two that come at once, the second waits for a write of its own.
    const both = mergeSightings(parts, [address(long('c')), address(long('d')), address(long('e'))], now)
    expect(names(both)).toEqual([long('c'), long('d')])
  })

  it('replace the oldest of all where no item is free', () => {
    const full = indexes.map((index) =>
      part(index, [endpoint(long(`a${index}`), now - 5 - index), endpoint(long(`b${index}`), now - 4)]),
    )
    const merged = mergeSightings(full, [address(long('new'))], now)
    expect([merged?.part.index, names(merged)]).toEqual([7, [long('b7'), long('new')]])
  })

  it('are not written without a call', () => {
    expect(mergeSightings([part(0, [address('a')])], [], now)).toBeNull()
  })
})
