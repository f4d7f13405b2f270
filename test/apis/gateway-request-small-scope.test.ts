import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GatewayBinding, GatewayRequest, RequestedEndpoint } from '../../lib/apis/gateway-request.ts'
import { requestedEndpoint } from '../../lib/apis/gateway-request.ts'
import { readRequestPath } from '../../lib/decision/request-path.ts'
import type { ApiId } from '../../lib/secrets/key-id.ts'

const sequences = <T>(letters: readonly T[], longest: number): T[][] => {
  const all: T[][] = [[]]
  for (const sequence of all) {
    if (sequence.length < longest) all.push(...letters.map((letter) => [...sequence, letter]))
  }
  return all
}

const subsets = <T>(of: readonly T[], largest: number): T[][] => {
  const all: T[][] = [[]]
  for (const one of of) all.push(...all.map((subset) => [...subset, one]))
  return all.filter((subset) => subset.length <= largest)
}

const joined = (segments: readonly string[]): string => `/${segments.join('/')}`

const names = sequences(['a', 'b'], 4)
const paths = [
  ...names.map(joined),
  ...names.filter(({ length }) => length > 0).map((segments) => `${joined(segments)}/`),
]
const templates = [
  ...sequences(['a', 'b', '{x}'], 3).map(joined),
  ...sequences(['a', 'b', '{x}'], 2).map((segments) => joined([...segments, '{rest+}'])),
]
const basePathSets = subsets(['/', '/a', '/b', '/a/b', '/a/a'], 3)

const bound = (basePath: string, change: Partial<GatewayBinding> = {}): GatewayBinding => ({
  bindingId: 'gwb_1',
  gatewayId: 'g',
  stage: 's',
  basePath,
  apiId: `api_${basePath}`,
  ...change,
})
/** Other places that must make no difference. */
const decoys = ['/', '/a', '/a/b/a'].flatMap((basePath) => [
  bound(basePath, { gatewayId: 'other', apiId: 'api_decoy' }),
  bound(basePath, { stage: 'other', apiId: 'api_decoy' }),
])

type Endpoint = { readonly apiId: ApiId | null; readonly path: string }

/** Written on texts, from the description and not from the code. */
const oracle = (
  path: string,
  template: string | null,
  isCustomDomain: boolean,
  basePaths: readonly string[],
): Endpoint | null => {
  const place = (inside: string): Endpoint => {
    const around = basePaths
      .filter((base) => base === '/' || inside === base || inside.startsWith(`${base}/`))
      .sort((one, other) => other.length - one.length)[0]
    if (around === undefined) return { apiId: null, path: inside }
    if (around === '/') return { apiId: 'api_/' as const, path: inside }
    return { apiId: `api_${around}`, path: inside.slice(around.length) || '/' }
  }
  const expression =
    template === null ? /^/ : new RegExp(`^${template.replaceAll('{x}', '[^/]+').replace('{rest+}', '.*')}$`)
  const wholePath = place(path)
  if (expression.test(path) || expression.test(wholePath.path)) return wholePath
  if (!isCustomDomain || template?.includes('+') === true) return null
  const suffixes = [...path].flatMap((character, at) => (at > 0 && character === '/' ? [path.slice(at)] : []))
  const suffix = [...suffixes, '/'].find((text) => expression.test(text))
  if (suffix === undefined) return null
  const hasBasePath = wholePath.apiId !== null && wholePath.apiId !== 'api_/'
  return hasBasePath ? wholePath : place(suffix)
}

const shown = (result: RequestedEndpoint): Endpoint | null =>
  result.ok ? { apiId: result.apiId, path: result.path } : null

describe('the endpoint that a request is for, for every small request', () => {
  it('is what the oracle says', () => {
    const seen = { refused: 0, bound: 0, unbound: 0 }
    const wrong: unknown[] = []
    for (const basePaths of basePathSets) {
      const bindings = [...decoys, ...basePaths.map((basePath) => bound(basePath))]
      for (const path of paths) {
        for (const template of [...templates, null]) {
          for (const isCustomDomain of [false, true]) {
            const route = template === null ? '$default' : `ANY ${template}`
            const request = { gatewayId: 'g', stage: 's', method: 'GET', path, route, isCustomDomain }
            const said = shown(requestedEndpoint(request, bindings))
            const expected = oracle(path, template, isCustomDomain, basePaths)
            if (JSON.stringify(said) !== JSON.stringify(expected)) {
              wrong.push({ path, route, isCustomDomain, basePaths, said, expected })
            }
            seen[expected === null ? 'refused' : expected.apiId === null ? 'unbound' : 'bound'] += 1
          }
        }
      }
    }
    expect(wrong.slice(0, 3)).toEqual([])
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(1000)
  })

  it('does not depend on the order of the bindings', () => {
    for (const basePaths of basePathSets) {
      const bindings = basePaths.map((basePath) => bound(basePath))
      for (const path of paths) {
        const request = { gatewayId: 'g', stage: 's', method: 'GET', path, route: null, isCustomDomain: true }
        expect(requestedEndpoint(request, bindings.toReversed())).toEqual(
          requestedEndpoint(request, bindings),
        )
      }
    }
  })

  it('needs the method of the route, or ANY', () => {
    for (const template of templates) {
      for (const path of paths) {
        const ask = (route: string) =>
          requestedEndpoint(
            { gatewayId: 'g', stage: 's', method: 'GET', path, route, isCustomDomain: true },
            [],
          )
        expect(ask(`GET ${template}`)).toEqual(ask(`ANY ${template}`))
        for (const method of ['POST', 'get', 'HEAD', '*']) expect(ask(`${method} ${template}`).ok).toBe(false)
      }
    }
  })

  it('A1: is one and the same over the default endpoint and over any mapped base path', () => {
    const whole = [bound('/')]
    for (const template of templates.filter((text) => !text.includes('+'))) {
      for (const path of paths) {
        const place = { gatewayId: 'g', stage: 's', method: 'GET', route: `GET ${template}` }
        const direct = requestedEndpoint({ ...place, path, isCustomDomain: false }, whole)
        if (!direct.ok) continue
        for (const basePath of ['/c', '/c/d', '/c/d/e']) {
          const mapped = `${basePath}${path}`
          expect(requestedEndpoint({ ...place, path: mapped, isCustomDomain: true }, whole)).toEqual(direct)
          expect(
            requestedEndpoint({ ...place, path: mapped, isCustomDomain: true }, [bound(basePath)]),
          ).toEqual({
            ...direct,
            apiId: `api_${basePath}`,
          })
        }
      }
    }
  })
})

describe('the endpoint that a request is for, whatever the texts', () => {
  const piece = fc.constantFrom(
    ...[
      '/',
      '/',
      '/',
      '/',
      'a',
      'b',
      'shop',
      '.',
      '..',
      '%2f',
      '%2e',
      '%252e',
      '%5c',
      '\\',
      ';',
      ';x=1',
      '%3b',
      '%',
      '%25',
    ],
    ...[
      '%00',
      '%20',
      ' ',
      '*',
      '{x}',
      '{x+}',
      '{',
      '}',
      '+',
      '$default',
      '?',
      '#',
      '%c0%af',
      'é',
      '%C3%A9',
      '%61',
      'A',
    ],
  )
  const oddText = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
  const basePath = fc.constantFrom('/a', '/shop', '/a/b')
  const oddPath = fc.oneof(
    oddText,
    oddText.map((text) => `/${text}`),
    fc.tuple(basePath, oddText).map(([front, text]) => `${front}/${text}`),
    fc.string(),
  )
  const oddRoute = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(null, '$default', 'ANY /{p+}', 'GET /{x}', 'GET /{x}/{y}', 'GET /'),
    },
    { weight: 1, arbitrary: oddPath.map((path) => `GET ${path}`) },
    { weight: 1, arbitrary: oddText },
  )
  const request: fc.Arbitrary<GatewayRequest> = fc.record({
    gatewayId: fc.constantFrom('g', 'g', 'g', '', 'h'),
    stage: fc.constantFrom('s', 's', 's', '', '$default'),
    method: fc.constantFrom('GET', 'GET', 'GET', 'POST', '', 'ANY', '*'),
    path: oddPath,
    route: oddRoute,
    isCustomDomain: fc.boolean(),
  })
  const bindings = fc.array(
    fc.oneof(fc.constant('/'), basePath, oddPath).map((basePath) => bound(basePath)),
    { maxLength: 4 },
  )

  it('I7: is part of the path that was sent, from a slash on to its end, and read alike', () => {
    const seen = { whole: 0, part: 0 }
    fc.assert(
      fc.property(request, bindings, (asked, claims) => {
        const sent = readRequestPath(asked.path)
        const result = requestedEndpoint(asked, claims)
        if (!sent.ok) expect(result.ok).toBe(false)
        if (!sent.ok || !result.ok) return
        const inside = readRequestPath(result.path)
        if (!inside.ok) throw new Error(`${result.path} cannot be read`)
        const isRoot = result.path === '/'
        const left = sent.segments.length - inside.segments.length
        if (!isRoot) {
          expect(asked.path.endsWith(result.path)).toBe(true)
          expect(inside.segments).toEqual(sent.segments.slice(left))
        }
        // A segment more or less is only ever that of a binding or of a mapped base path.
        if (result.path === asked.path) seen.whole += 1
        else {
          seen.part += 1
          expect(result.apiId !== null || asked.isCustomDomain).toBe(true)
        }
      }),
      { numRuns: 30_000 },
    )
    expect(seen.whole).toBeGreaterThan(500)
    expect(seen.part).toBeGreaterThan(100)
  })

  it('is unbound at a place without a name', () => {
    fc.assert(
      fc.property(request, bindings, (asked, claims) => {
        const nowhere = { ...asked, gatewayId: '', stage: '' }
        const anywhere = claims.map((claim) => ({ ...claim, gatewayId: '', stage: '' }))
        const result = requestedEndpoint(nowhere, anywhere)
        expect(result.ok ? result.apiId : null).toBeNull()
      }),
    )
  })
})
