import { describe, expect, it } from 'vitest'
import type { EndpointPattern } from '../../lib/decision/endpoint-pattern.ts'
import { matchesPattern } from '../../lib/decision/endpoint-pattern.ts'
import type { ApiGrants, EverySection, Grants, SectionGrants } from '../../lib/decision/grants.ts'
import { noApiGrants, noGrants } from '../../lib/decision/grants.ts'
import { covers, patternCovers } from '../../lib/decision/grants-cover.ts'
import { permits } from '../../lib/decision/permission.ts'
import type { ProtectedApi } from '../../lib/decision/protected-api.ts'
import type { PermissionLevel, SectionEndpoint } from '../../lib/decision/section.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import { pattern } from './sample-subject.ts'

/**
 * Everything up to a small size, completely, against plain sets of concrete requests. The space of policies is a product of parts that
 * do not look at each other, so that each part is enumerated in full:
 *
 * 1. patterns: all of up to three segments over the literals a and b, templates and `*`, for three methods;
 * 2. patterns in policies: all pairs of patterns of up to two segments, in each place that can hold one;
 * 3. grants: all roles over two sections, all pairs of them, for each way in which an endpoint can be listed;
 * 4. shares: all entitlements over two sections against all roles;
 * 5. covers: all pairs of what is held against all that is wanted, for all APIs of two sections.
 */

type Request = { readonly method: string; readonly segments: readonly string[] }

/** A set of requests: bit n stands for request n. */
type RequestSet = bigint

const sequences = (alphabet: readonly string[], length: number): string[][] =>
  length === 0
    ? [[]]
    : sequences(alphabet, length - 1).flatMap((start) => alphabet.map((last) => [...start, last]))

/** Paths of up to so many segments, each also with a trailing slash, and the root. */
const pathsOver = (alphabet: readonly string[], longest: number): string[][] => [
  [''],
  ...Array.from({ length: longest }, (_, index) => sequences(alphabet, index + 1))
    .flat()
    .flatMap((path) => [path, [...path, '']]),
]

const requestsOver = (methods: readonly string[], paths: readonly (readonly string[])[]): Request[] =>
  methods.flatMap((method) => paths.map((segments) => ({ method, segments })))

const setOf = (requests: readonly Request[], isIn: (request: Request) => boolean): RequestSet => {
  const digits = requests.map((request) => (isIn(request) ? '1' : '0'))
  return BigInt(`0b${digits.toReversed().join('')}`)
}
const isWithin = (inner: RequestSet, outer: RequestSet): boolean => (inner & ~outer) === 0n

/** Which requests a pattern names, by the plain reading of it as a regular expression. */
const namedBy = (text: string): ((request: Request) => boolean) => {
  const [method = '', path = ''] = text.split(' ')
  const source = path.replaceAll(/\{\w+\}/g, '[^/]+').replace(/\*$/, '[^/]+(/.*)?')
  const expression = new RegExp(`^${method === '*' ? '\\w+' : method} ${source}$`)
  return (request) => expression.test(`${request.method} /${request.segments.join('/')}`)
}

const patternTexts = (methods: readonly string[], longest: number): string[] => {
  const closed = Array.from({ length: longest }, (_, index) => sequences(['a', 'b', '{x}'], index + 1)).flat()
  const open = Array.from({ length: longest }, (_, index) => sequences(['a', 'b', '{x}'], index)).flat()
  const paths = [[''], ...closed, ...open.map((start) => [...start, '*'])]
  return methods.flatMap((method) => paths.map((segments) => `${method} /${segments.join('/')}`))
}

type Known = { readonly text: string; readonly pattern: EndpointPattern; readonly set: RequestSet }

const knownOver = (requests: readonly Request[], texts: readonly string[]): Known[] =>
  texts.map((text) => ({ text, pattern: pattern(text), set: setOf(requests, namedBy(text)) }))

describe('patterns of up to three segments', () => {
  // A literal and a method that no pattern names, and one segment more than the longest: with them every difference shows.
  const requests = requestsOver(['GET', 'POST', 'PUT'], pathsOver(['a', 'b', 'c'], 4))
  const known = knownOver(requests, patternTexts(['GET', 'POST', '*'], 3))

  it('match exactly the requests that they name', () => {
    for (const { text, pattern: read, set } of known) {
      const found = setOf(requests, ({ method, segments }) => matchesPattern(read, method, segments))
      expect([text, found]).toEqual([text, set])
    }
  })

  it('cover one another exactly when all requests of the one are requests of the other', () => {
    const wrong: string[] = []
    let covered = 0
    for (const outer of known)
      for (const inner of known) {
        const expected = isWithin(inner.set, outer.set)
        if (expected) covered += 1
        if (patternCovers(outer.pattern, inner.pattern) !== expected)
          wrong.push(`${outer.text} over ${inner.text}: should be ${expected}`)
      }
    expect(wrong).toEqual([])
    expect(covered).toBeGreaterThan(known.length)
  })
})

const levels: readonly PermissionLevel[] = ['read', 'write']
const apiId = 'api_1'

const apiWith = (
  s: readonly SectionEndpoint[],
  t: readonly SectionEndpoint[],
  shares: ProtectedApi['shares'] = [],
): ProtectedApi => ({
  apiId,
  name: 'shop',
  organizationId: 'org_1' as const,
  audience: 'https://shop.example',
  sections: [
    { name: 's', title: 's', endpoints: s },
    { name: 't', title: 't', dashboard: true, endpoints: t },
  ],
  shares,
})

const atApi = (held: Partial<ApiGrants>, more: Partial<Grants> = {}): Grants => ({
  ...noGrants,
  ...more,
  apis: new Map([[apiId, { ...noApiGrants, ...held }]]),
})

/** That an endpoint is listed in a section, at a level. */
type Listing = { readonly section: string; readonly level: PermissionLevel }

const isEnough = (held: PermissionLevel | null | undefined, needed: PermissionLevel): boolean =>
  held === 'write' || (held === 'read' && needed === 'read')

const opensSection = ({ sections, everySection }: SectionGrants, { section, level }: Listing): boolean => {
  const isExcepted = everySection?.except.includes(section) ?? true
  return isEnough(sections[section], level) || (!isExcepted && isEnough(everySection?.level, level))
}

/** Do these grants open an endpoint through one listing of it? */
const opens = ({ everyApi, apis }: Grants, listing: Listing): boolean => {
  const isRead = dashboards.includes(listing.section) && listing.level === 'read'
  const inEvery = everyApi === 'dashboards' ? isRead : isEnough(everyApi, listing.level)
  return inEvery || opensSection(apis.get(apiId) ?? noApiGrants, listing)
}

/** The second section is one, and so may be one that is still to come. */
const dashboards: readonly string[] = ['t', 'board']
const everyApiGrants = [...levels, 'dashboards'] as const

describe('two patterns in a policy', () => {
  const requests = requestsOver(['GET', 'POST'], pathsOver(['a', 'b'], 2))
  const known = knownOver(requests, patternTexts(['GET', 'POST', '*'], 2))

  /** Each place that can hold a pattern: two sections at a level, and the roles themselves. */
  const places: readonly (Listing | 'first role' | 'second role')[] = [
    { section: 's', level: 'read' },
    { section: 's', level: 'write' },
    { section: 't', level: 'read' },
    'first role',
    'second role',
  ]
  type Place = (typeof places)[number]
  const sectionGrants: readonly Partial<ApiGrants>[] = [
    {},
    { sections: { s: 'read' } },
    { sections: { s: 'write' } },
    { everySection: { level: 'read', except: ['s'] } },
  ]

  it('allow what the union of both allows, wherever they stand', () => {
    let policies = 0
    /** Compares one policy, with both patterns where they are put. */
    const compare = (held: Partial<ApiGrants>, put: readonly (readonly [Place, Known])[]): void => {
      const patternsIn = (wanted: Place): EndpointPattern[] =>
        put.filter(([place]) => place === wanted).map(([, { pattern: read }]) => read)
      const listed = (section: string): SectionEndpoint[] =>
        put.flatMap(([place, { pattern: read }]) =>
          typeof place === 'object' && place.section === section
            ? [{ pattern: read, level: place.level }]
            : [],
        )
      const api = apiWith(listed('s'), listed('t'))
      const first = atApi({ ...held, endpoints: patternsIn('first role') })
      const roles = [first, atApi({ endpoints: patternsIn('second role') })]
      const expected = put.reduce((sum, [place, { set }]) => {
        const isOpen = typeof place === 'string' || opens(first, place)
        return isOpen ? sum | set : sum
      }, 0n)
      const found = setOf(
        requests,
        ({ method, segments }) => permits(roles, api, 'org_1', method, segments).allowed,
      )
      policies += 1
      if (found !== expected) expect([held, put, found]).toEqual([held, put, expected])
    }
    for (const [index, first] of known.entries())
      for (const second of known.slice(index))
        for (const place of places)
          for (const other of places)
            for (const held of sectionGrants)
              compare(held, [
                [place, first],
                [other, second],
              ])
    expect(policies).toBe(((known.length * (known.length + 1)) / 2) * 25 * sectionGrants.length)
  })
})

const levelsOfSections: readonly Record<string, PermissionLevel>[] = [null, ...levels].flatMap((s) =>
  [null, ...levels].map((t) => ({ ...(s === null ? {} : { s }), ...(t === null ? {} : { t }) })),
)
const everySections: readonly EverySection[] = levels.flatMap((level) =>
  [[], ['s'], ['t'], ['s', 't']].map((except) => ({ level, except })),
)
/** All that can be said of two sections: 81 role parts, or entitlements. */
const sectionGrantsOfTwo: readonly SectionGrants[] = levelsOfSections.flatMap((sections) =>
  [null, ...everySections].map((everySection) => ({ sections, everySection })),
)

describe('roles over two sections', () => {
  /** One endpoint for each way of being listed: in s and in t, each not at all, at read, at write, or at both. */
  const ways: readonly (readonly Listing[])[] = Array.from({ length: 16 }, (_, bits) =>
    [
      { section: 's', level: 'read' as const },
      { section: 's', level: 'write' as const },
      { section: 't', level: 'read' as const },
      { section: 't', level: 'write' as const },
    ].filter((_listing, bit) => ((bits >> bit) & 1) === 1),
  )
  const endpointsOf = (section: string): SectionEndpoint[] =>
    ways.flatMap((way, index) =>
      way
        .filter((listing) => listing.section === section)
        .map(({ level }) => ({ pattern: pattern(`GET /e${index}`), level })),
    )
  const api = apiWith(endpointsOf('s'), endpointsOf('t'))
  const requests = ways.map((_way, index): Request => ({ method: 'GET', segments: [`e${index}`] }))
  const setOfWays = (isIn: (way: readonly Listing[]) => boolean): RequestSet =>
    setOf(requests, (request) => isIn(ways[requests.indexOf(request)] ?? []))

  const roles: readonly Grants[] = [
    { ...noGrants, everything: true },
    atApi({ endpoints: [pattern('* /*')] }),
    atApi({ endpoints: [pattern('GET /e5')] }),
    ...sectionGrantsOfTwo.flatMap((held) =>
      [null, ...everyApiGrants].map((everyApi) => atApi({ ...held }, { everyApi })),
    ),
  ]
  const known = roles.map((role) => ({
    role,
    set: role.everything
      ? setOfWays(() => true)
      : setOfWays((way) => way.some((listing) => opens(role, listing))) |
        setOf(requests, ({ method, segments }) =>
          (role.apis.get(apiId)?.endpoints ?? []).some((own) => matchesPattern(own, method, segments)),
        ),
  }))
  const allowed = (held: readonly Grants[], at: ProtectedApi, organizationId: OrganizationId): RequestSet =>
    setOf(requests, ({ method, segments }) => permits(held, at, organizationId, method, segments).allowed)

  it('allow, one or two of them, the union of what each allows', () => {
    expect(known).toHaveLength(327)
    expect(allowed([], api, 'org_1')).toBe(0n)
    for (const [index, one] of known.entries())
      for (const other of known.slice(index)) {
        const found = allowed([one.role, other.role], api, 'org_1')
        if (found !== (one.set | other.set)) expect([one.role, other.role, found]).toBe('their union')
      }
  })

  it('allow, at an API that is shared, what the entitlement allows of that, for every entitlement', () => {
    const entitlements = sectionGrantsOfTwo
    expect(entitlements).toHaveLength(81)
    for (const entitlement of entitlements) {
      const shared = { ...api, shares: [{ organizationId: 'org_2' as const, entitlement }] }
      const bound = setOfWays((way) => way.some((listing) => opensSection(entitlement, listing)))
      for (const { role, set } of known) {
        const found = allowed([role], shared, 'org_2')
        if (found !== (set & bound)) expect([entitlement, role, found]).toBe('within the entitlement')
      }
      const [everything] = roles
      expect(allowed(everything === undefined ? [] : [everything], shared, 'org_3')).toBe(0n)
    }
  })
})

describe('covers', () => {
  const requests = requestsOver(['GET', 'POST', 'PUT'], pathsOver(['a', 'b', 'c'], 3))
  const known = knownOver(requests, [
    ...['GET /a', 'POST /a', '* /a', 'GET /{x}', 'GET /*', 'GET /a/*', 'GET /{x}/b', '* /*'],
  ])
  const levelled = known.flatMap(({ pattern: read, set }) =>
    levels.map((level) => ({ endpoint: { pattern: read, level }, level, set })),
  )
  /** APIs with one endpoint in each of two sections. */
  const layouts = levelled.flatMap((s) => levelled.map((t) => ({ s, t })))

  type Atom = { readonly grants: Grants; readonly own: RequestSet; readonly isPattern: boolean }
  const atoms: readonly Atom[] = [
    ...known.map(({ pattern: read, set }) => ({
      grants: atApi({ endpoints: [read] }),
      own: set,
      isPattern: true,
    })),
    ...[
      { ...noGrants, everything: true },
      ...everyApiGrants.map((everyApi): Grants => ({ ...noGrants, everyApi })),
      ...levels.flatMap((level) => [atApi({ sections: { s: level } }), atApi({ sections: { t: level } })]),
      ...everySections.map((everySection) => atApi({ everySection })),
    ].map((grants) => ({ grants, own: 0n, isPattern: false })),
  ]
  const everyRequest = setOf(requests, () => true)
  /** What an atom allows at an API of this layout. */
  const setAt = ({ grants, own }: Atom, { s, t }: (typeof layouts)[number]): RequestSet => {
    if (grants.everything) return everyRequest
    const ofS = opens(grants, { section: 's', level: s.level }) ? s.set : 0n
    const ofT = opens(grants, { section: 't', level: t.level }) ? t.set : 0n
    return own | ofS | ofT
  }
  const pairs = atoms.flatMap((_atom, one) =>
    atoms.slice(one).map((_other, more) => [one, one + more] as const),
  )

  it('says yes only where every request that is wanted is allowed already', () => {
    const wrong: unknown[] = []
    let yes = 0
    for (const layout of layouts) {
      const api = apiWith([layout.s.endpoint], [layout.t.endpoint])
      const apis = new Map([[apiId, api]])
      const sets = atoms.map((atom) => setAt(atom, layout))
      for (const [one, other] of pairs) {
        const held = [atoms[one]?.grants ?? noGrants, atoms[other]?.grants ?? noGrants]
        const heldSet = (sets[one] ?? 0n) | (sets[other] ?? 0n)
        for (const [index, wanted] of atoms.entries()) {
          if (!covers(held, wanted.grants, apis)) continue
          yes += 1
          if (!isWithin(sets[index] ?? 0n, heldSet)) wrong.push([held, wanted.grants, api])
        }
      }
    }
    expect(wrong).toEqual([])
    expect(yes).toBeGreaterThan(100_000)
  })

  it('says yes to an endpoint exactly where one thing that is held allows all of it', () => {
    const wrong: unknown[] = []
    for (const layout of layouts) {
      const apis = new Map([[apiId, apiWith([layout.s.endpoint], [layout.t.endpoint])]])
      for (const held of atoms)
        for (const wanted of atoms.filter(({ isPattern }) => isPattern)) {
          const expected = isWithin(setAt(wanted, layout), setAt(held, layout))
          if (covers([held.grants], wanted.grants, apis) !== expected)
            wrong.push([layout, held, wanted, expected])
        }
    }
    expect(wrong).toEqual([])
  })

  it('says yes to sections exactly where it stays true for those, and for APIs, that are still to come', () => {
    // A section that comes later, an API that comes later, and an endpoint that no section lists.
    const toCome: readonly (Listing & { readonly isHere: boolean })[] = [
      ...['s', 't', 'later', 'board'].flatMap((section) =>
        levels.map((level) => ({ section, level, isHere: true })),
      ),
      ...['s', 'board'].flatMap((section) => levels.map((level) => ({ section, level, isHere: false }))),
    ]
    const allowedOf = ({ grants }: Atom): boolean[] => [
      grants.everything,
      ...toCome.map(
        ({ isHere, ...listing }) =>
          grants.everything || opens(isHere ? grants : { ...grants, apis: new Map() }, listing),
      ),
    ]
    const apis = new Map([[apiId, apiWith([], [])]])
    const ofSections = atoms.filter(({ isPattern }) => !isPattern)
    for (const held of ofSections)
      for (const wanted of ofSections) {
        const heldOf = allowedOf(held)
        const isAlways = allowedOf(wanted).every((isWanted, index) => !isWanted || heldOf[index] === true)
        const found = covers([held.grants], wanted.grants, apis)
        expect([held.grants, wanted.grants, found]).toEqual([held.grants, wanted.grants, isAlways])
      }
  })

  it('errs on the side of no', () => {
    const apis = new Map([[apiId, apiWith([{ pattern: pattern('GET /a'), level: 'read' }], [])]])
    const ofPatterns = (...texts: readonly string[]) => atApi({ endpoints: texts.map(pattern) })
    // Two patterns together, of which neither covers it alone.
    expect(covers([ofPatterns('GET /{x}', 'GET /{x}/*')], ofPatterns('GET /*'), apis)).toBe(false)
    // All endpoints of a section, which may list others tomorrow.
    expect(covers([ofPatterns('* /*')], atApi({ sections: { s: 'read' } }), apis)).toBe(false)
    // Each section by its name, while there may be more tomorrow.
    const eachSection = atApi({ sections: { s: 'write', t: 'write' } })
    expect(covers([eachSection], atApi({ everySection: { level: 'read', except: [] } }), apis)).toBe(false)
    // Two roles that except different sections, and together none.
    const but = (...except: readonly string[]) => atApi({ everySection: { level: 'write', except } })
    expect(covers([but('s'), but('t')], but(), apis)).toBe(false)
    // A section of an API that is not among those that were read.
    expect(covers([atApi({ sections: { s: 'read' } })], ofPatterns('GET /a'), new Map())).toBe(false)
  })

  it('holds each section of Postern by its own name and level, and by nothing of a protected API', () => {
    const apis = new Map([[apiId, apiWith([], [])]])
    const ofManagement = (management: Grants['management']): Grants => ({ ...noGrants, management })
    const some = [null, ...levels].flatMap((users) =>
      [null, ...levels].map((access) => ({
        ...(users === null ? {} : { 'postern-users': users }),
        ...(access === null ? {} : { 'postern-access': access }),
      })),
    )
    for (const held of some)
      for (const wanted of some) {
        const isHeld = Object.entries(wanted).every(([name, level]) =>
          Object.entries(held).some(([own, ownLevel]) => own === name && isEnough(ownLevel, level)),
        )
        expect(covers([ofManagement(held)], ofManagement(wanted), apis)).toBe(isHeld)
        for (const { grants } of atoms)
          expect(covers([grants], ofManagement(wanted), apis)).toBe(
            grants.everything || Object.keys(wanted).length === 0,
          )
      }
  })
})
