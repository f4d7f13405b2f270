import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { indexEndpoints } from '../../lib/decision/endpoint-index.ts'
import type { EndpointPattern } from '../../lib/decision/endpoint-pattern.ts'
import { matchesPattern } from '../../lib/decision/endpoint-pattern.ts'

/** Each list entry is an object of its own, so that equal patterns are told apart. */
type Entry = { readonly pattern: EndpointPattern }
type Asked = readonly [method: string, segments: readonly string[]]

const expectSameAsLinear = (entries: readonly Entry[], requests: readonly Asked[]): void => {
  const find = indexEndpoints(entries, ({ pattern }) => pattern)
  for (const [method, segments] of requests) {
    const places = find(method, segments).map((entry) => entries.indexOf(entry))
    const linear = entries.flatMap(({ pattern }, place) =>
      matchesPattern(pattern, method, segments) ? [place] : [],
    )
    expect(places).toEqual(linear)
  }
}

/** All sequences of up to `most` of these. */
const sequences = <T>(of: readonly T[], most: number): T[][] =>
  most === 0 ? [[]] : [[], ...sequences(of, most - 1).flatMap((rest) => of.map((first) => [first, ...rest]))]

describe('the index of endpoint patterns', () => {
  const paths: string[][] = sequences(['a', '{x}'], 2).flatMap((fixed) => [fixed, [...fixed, '*']])
  const patterns = [[''], ...paths.filter(({ length }) => length > 0)].flatMap((segments) =>
    (['GET', '*'] as const).map((method): EndpointPattern => ({ method, segments })),
  )
  const requests = sequences(['a', 'b', '', '*', '{x}'], 4).flatMap((segments) =>
    ['GET', 'PUT', '*'].map((method): Asked => [method, segments]),
  )

  it('finds the same as a search through the list, in the same order: all small patterns, alone and together', () => {
    expect(patterns.length).toBeGreaterThan(25)
    expect(requests.length).toBeGreaterThan(2000)
    for (const pattern of patterns) expectSameAsLinear([{ pattern }], requests)
    expectSameAsLinear(
      [...patterns, ...patterns.toReversed()].map((pattern) => ({ pattern })),
      requests,
    )
  })

  it('does so for any list, with repetitions', () => {
    const literal = fc.constantFrom('orders', 'v1', 'x', 'a.b')
    const segment = fc.oneof({ arbitrary: literal, weight: 2 }, fc.constantFrom('{id}', '{name}'))
    const pattern = fc.record({
      method: fc.constantFrom('GET' as const, 'POST' as const, '*' as const),
      segments: fc
        .tuple(fc.array(segment, { minLength: 1, maxLength: 5 }), fc.boolean())
        .map(([fixed, isOpen]) => [...fixed, ...(isOpen ? ['*'] : [])]),
    })
    const asked = fc.tuple(
      fc.constantFrom('GET', 'POST', 'HEAD', '*'),
      fc.array(fc.oneof(literal, fc.constantFrom('', '{id}', '*', 'y')), { minLength: 1, maxLength: 6 }),
    )
    fc.assert(
      fc.property(
        fc.array(fc.record({ pattern }), { maxLength: 40 }),
        fc.array(asked, { minLength: 1, maxLength: 20 }),
        expectSameAsLinear,
      ),
      { numRuns: 500 },
    )
  })
})
