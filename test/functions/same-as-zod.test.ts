import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { compileFunction } from 'node:vm'
import { build } from 'esbuild'
import * as fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import type * as zod from 'zod'
import { replacedPackages } from '../../infra/replaced-packages.ts'

/** Every schema that a file of `lib` exports, or holds in what it exports, by zod and by what the bundles have in its place. */

const root = join(import.meta.dirname, '../..')
const withSchemas = globSync('{lib,functions}/**/*.ts', { cwd: root })
  .filter((path) => readFileSync(join(root, path), 'utf8').includes("import * as z from 'zod'"))
  .toSorted()

type Schemas = ReadonlyMap<string, zod.ZodType>
type ErrorMap = (issue: zod.core.$ZodRawIssue) => string | undefined
type Loaded = {
  readonly schemas: Schemas
  /** The examples of the contract, by the path of their schema. */
  readonly examples: readonly (readonly [path: string, example: unknown])[]
  readonly message: ErrorMap
  readonly openApi: string
}

const isSchema = (value: object): value is zod.ZodType => '_zod' in value
const schemasIn = (value: unknown, path: string, found = new Map<string, zod.ZodType>()): Schemas => {
  if (typeof value !== 'object' || value === null) return found
  if (isSchema(value)) found.set(path, value)
  else for (const [name, one] of Object.entries(value)) schemasIn(one, `${path}.${name}`, found)
  return found
}

const exampleBeside = (schemas: Schemas, files: unknown) =>
  [...schemas.keys()].flatMap((path) => {
    const [, holder = '', field] = /^\.(.*)\.(body|schema)$/.exec(path) ?? []
    const found = holder.split('.').reduce<unknown>((held, name) => Reflect.get(Object(held), name), files)
    const example: unknown = field === undefined ? undefined : Reflect.get(Object(found), 'example')
    return example === undefined ? [] : [[path, example] as const]
  })

const program = `
${withSchemas.map((path, index) => `export * as f${index} from ${JSON.stringify(join(root, path))}`).join('\n')}
import { dryRunAnswer } from '../../lib/contract/dry-run.ts'
import { validationMessage } from '../../lib/contract/validation-message.ts'
import { problems } from '../../lib/contract/problem.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { buildOpenApi } from '../../lib/reference/openapi/openapi.ts'
export const dryRuns = endpoints.filter(({ dryRun }) => dryRun).map(dryRunAnswer)
export const message = validationMessage
const origin = 'https://example.com'
export const openApi = () => JSON.stringify(buildOpenApi({ endpoints, problems, origin }))
`

/** Both have their own settings and registry: zod keeps these in the global object. */
const load = async (alias: Readonly<Record<string, string>>): Promise<Loaded> => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: program, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    mainFields: ['module', 'main'],
    external: ['@node-rs/argon2'],
    logLevel: 'silent',
    alias,
  })
  const globals = globalThis as Record<string, unknown>
  const own = ['__zod_globalConfig', '__zod_globalRegistry']
  const before = own.map((name) => globals[name])
  for (const name of own) delete globals[name]
  const exported: Record<string, unknown> = {}
  const run = compileFunction(outputFiles[0]?.text ?? '', ['module', 'require', 'process'])
  const module = { exports: exported }
  const environment = { value: { TABLE_NAME: 'none', AWS_REGION: 'eu-central-1' } }
  run(module, createRequire(import.meta.url), Object.create(process, { env: environment }))
  const { message, openApi, ...files } = module.exports as unknown as {
    message: ErrorMap
    openApi: () => string
  }
  const schemas = schemasIn(files, '')
  const loaded = { schemas, examples: exampleBeside(schemas, files), message, openApi: openApi() }
  for (const [index, name] of own.entries()) globals[name] = before[index]
  return loaded
}

let byZod: Loaded
let byReplacement: Loaded
beforeAll(async () => {
  const clients = Object.fromEntries(
    Object.entries(replacedPackages).filter(([name]) => !name.startsWith('zod')),
  )
  const inRoot = (files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(root, file)]))
  ;[byZod, byReplacement] = await Promise.all([load(inRoot(clients)), load(inRoot(replacedPackages))])
})

/** Texts of the forms that the contract has. */
const texts = [
  ...[
    'a',
    'text',
    '',
    '1',
    '1.5',
    'usr_1',
    'org_1',
    'api_1',
    'vnd_1',
    'fac_1',
    'cer_1',
    'gwb_1',
    'key_1',
    'ses_1',
  ],
  ...[
    '2027-01-31T12:00:00Z',
    'ops@partner.example',
    'GET /orders',
    '203.0.113.7',
    'europe/berlin',
    'https://shop.example',
  ],
  ...[
    'abcdefghij',
    '/orders',
    '/',
    'shop/orders',
    '2027-01-31',
    'true',
    'a'.repeat(64),
    '123456',
    'AAAA',
    '#123456',
  ],
]

/** A value with every field that the schema names, and right where these texts and numbers are. */
const sampleOf = (schema: zod.core.$ZodType): unknown => {
  const { def } = schema._zod as { def: zod.core.$ZodTypes['_zod']['def'] }
  const fitting = (values: readonly unknown[]) =>
    values.find((value) => (schema as zod.ZodType).safeParse(value).success) ?? values[0]
  switch (def.type) {
    case 'string':
      return fitting(texts)
    case 'number':
      return fitting([1, 200, 1000, 100_000])
    case 'boolean':
      return true
    case 'enum':
      return Object.values(def.entries)[0]
    case 'literal':
      return def.values[0]
    case 'object':
      return Object.fromEntries(Object.entries(def.shape).map(([name, of]) => [name, sampleOf(of)]))
    case 'array':
      return [sampleOf(def.element)]
    case 'tuple':
      return def.items.map(sampleOf)
    case 'record': {
      return { [String(sampleOf(def.keyType))]: sampleOf(def.valueType) }
    }
    case 'union':
      return sampleOf(def.options[0] as zod.core.$ZodType)
    case 'optional':
    case 'nullable':
    case 'default':
      return sampleOf(def.innerType)
    case 'pipe':
      return sampleOf(def.in)
    case 'null':
      return null
    default:
      return 'anything'
  }
}

const ownProto: unknown = JSON.parse('{"__proto__":{"admin":true},"a":1}')
const hostile = [
  ...[undefined, null, true, false, Number.NaN, -0, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e308, -Infinity, 1n],
  ...[
    '',
    ' ',
    '\0',
    '\u2028',
    '\ud800',
    'e\u0301',
    '\u{1f469}\u200d\u{1f4bb}'.repeat(40),
    'a'.repeat(2000),
    'x'.repeat(64),
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'true',
    '01',
    '1e3',
    ' 1',
    'GET //',
    '999.1.1.1',
    '2027-02-30T00:00:00Z',
  ],
  ...[
    [],
    [null],
    [[]],
    Array.from({ length: 600 }, () => 'a'),
    new Array(3),
    {},
    ownProto,
    Object.create(null),
  ],
  ...[new Date(0), new Map(), new Uint8Array(2), Symbol('s'), () => 1, Object.create({ inherited: 1 })],
]
const value = fc.oneof(
  fc.constantFrom<unknown>(...hostile),
  fc.constantFrom<unknown>(...texts),
  fc.anything({ withNullPrototype: true, maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.integer(),
)
const name = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  'extra',
  '0',
  'length',
  'é',
)

/** At one of the places of a value: another value, none, one more field, or a list of two. */
type Change = {
  readonly at: number
  readonly to:
    | 'absent'
    | 'twice'
    | { readonly value: unknown }
    | { readonly more: string; readonly value: unknown }
}
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(1000),
  to: fc.oneof(
    { weight: 6, arbitrary: fc.record({ value }) },
    { weight: 1, arbitrary: fc.constant('absent' as const) },
    { weight: 1, arbitrary: fc.constant('twice' as const) },
    { weight: 1, arbitrary: fc.record({ more: name, value }) },
  ),
})

const isHolder = (given: unknown): given is Record<string, unknown> =>
  Array.isArray(given) ||
  (typeof given === 'object' &&
    given !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(given)))
const placesIn = (given: unknown, path: readonly string[] = []): (readonly string[])[] =>
  isHolder(given)
    ? [path, ...Object.entries(given).flatMap(([key, one]) => placesIn(one, [...path, key]))]
    : [path]
const put = (holder: object, key: string, one: unknown) =>
  Object.defineProperty(holder, key, { value: one, enumerable: true, writable: true, configurable: true })

const changedAt = (given: unknown, [key, ...rest]: readonly string[], to: Change['to']): unknown => {
  if (key === undefined) {
    if (to === 'absent') return undefined
    if (to === 'twice') return [given, given]
    const takesMore = 'more' in to && isHolder(given) && !Array.isArray(given)
    return takesMore ? put({ ...given }, to.more, to.value) : to.value
  }
  if (!isHolder(given)) return given
  const copy = (Array.isArray(given) ? [...given] : { ...given }) as Record<string, unknown>
  if (rest.length === 0 && to === 'absent') delete copy[key]
  else if (rest.length === 0 && to === 'twice' && Array.isArray(copy)) copy.push(copy[Number(key)])
  else put(copy, key, changedAt(copy[key], rest, to))
  return copy
}
const changed = (given: unknown, changes: readonly Change[]): unknown =>
  changes.reduce<unknown>((last, { at, to }) => {
    const places = placesIn(last)
    return changedAt(last, places[at % places.length] ?? [], to)
  }, given)

/** All that a caller sees of a result, with the order of the fields, -0 and prototypes. */
const read = (loaded: Loaded, path: string, given: unknown, inWords: boolean): string => {
  try {
    const words = inWords ? { error: loaded.message } : undefined
    const { success, data, error } = loaded.schemas.get(path)?.safeParse(given, words) ?? {}
    return `${success} ${inspect(success ? data : error?.issues, { depth: 12, maxArrayLength: 700 })}`
  } catch (error) {
    return `throws ${error}`
  }
}

it('has the same schemas and describes them in the same words', () => {
  expect(byZod.schemas.size).toBeGreaterThan(300)
  expect([...byReplacement.schemas.keys()]).toEqual([...byZod.schemas.keys()])
  expect(byReplacement.openApi === byZod.openApi).toBe(true)
})

it('reads every value as zod does', () => {
  const made = [...byZod.schemas].map(([path, schema]) => [path, sampleOf(schema)] as const)
  const samples = [...made, ...byZod.examples]
  const isRight = ([path, given]: readonly [string, unknown]) =>
    byZod.schemas.get(path)?.safeParse(given).success
  expect(byZod.examples.length).toBeGreaterThan(100)
  expect(byZod.examples.filter((example) => isRight(example) !== true)).toEqual([])
  expect(made.filter(isRight).length / made.length).toBeGreaterThan(0.9)
  const isSame = (path: string, given: unknown, inWords: boolean): void => {
    const expected = read(byZod, path, given, inWords)
    expect(read(byReplacement, path, given, inWords), `${path} of ${inspect(given, { depth: 8 })}`).toBe(
      expected,
    )
  }
  for (const [path, given] of samples) isSame(path, given, true)
  const changes = fc.array(change, { minLength: 1, maxLength: 2 })
  fc.assert(
    fc.property(fc.constantFrom(...samples), changes, fc.boolean(), ([path, sample], made, inWords) =>
      isSame(path, changed(sample, made), inWords),
    ),
    { numRuns: Number(process.env['RUNS'] ?? 1500) },
  )
})
