import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as zod from 'zod'
import * as replacement from '../../functions/wiring/deferred-zod.ts'
import { validationMessage } from '../../lib/contract/validation-message.ts'

type Zod = typeof zod
/** As the files of `lib` see it. */
const deferred = replacement as unknown as Zod

/** The same schema by either library, with the ways of building that endpoints use. */
const order = (z: Zod) =>
  z
    .strictObject({
      id: z.string().startsWith('ord_').meta({ id: 'OrderId', description: 'Of the order.' }),
      note: z.string().trim().max(5).nullable().optional(),
      size: z.int().min(1).max(9).default(1),
      tags: z.array(z.enum(['red', 'blue'])).max(2),
      price: z.union([z.number(), z.tuple([z.int(), z.literal('EUR')])]),
      more: z.record(z.string(), z.unknown()).optional(),
    })
    .extend({ paid: z.boolean().transform((paid) => (paid ? 'yes' : 'no')) })
    .refine(({ tags }) => !tags.includes('blue'), 'is never blue')
const good = { id: 'ord_1', note: ' a ', tags: ['red'], price: [3, 'EUR'], paid: true }

it.each<[string, unknown]>([
  ['is right', good],
  ['is at its upper bounds', { ...good, note: 'abcde', size: 9, tags: ['red', 'red'] }],
  ['is at its lower bound', { ...good, size: 1 }],
  ['is beyond its bounds', { ...good, note: 'abcdef', size: 10, tags: ['red', 'red', 'red'] }],
  ['lacks fields', { id: 'ord_1' }],
  [
    'has a wrong field of each kind',
    { ...good, id: 'x', note: 'too long', size: 0, tags: ['green'], price: '3' },
  ],
  ['has an unknown field', { ...good, colour: 'red' }],
  ['is refused by a rule', { ...good, tags: ['blue'] }],
  ['is no object', []],
])('reads as zod what %s', (_, value) => {
  const read = order(deferred).safeParse(value, { error: validationMessage })
  const expected = order(zod).safeParse(value, { error: validationMessage })
  expect(read.success).toBe(expected.success)
  expect(read.data).toEqual(expected.data)
  expect(read.error?.issues).toEqual(expected.error?.issues)
})

it('is described as by zod, and known as its kind', () => {
  const described = (z: Zod) => z.toJSONSchema(order(z), { io: 'input' })
  expect(described(deferred)).toEqual(described(zod))
  expect(described(zod)).toHaveProperty('$defs.OrderId.description', 'Of the order.')
  expect(order(deferred)).toBeInstanceOf(deferred.ZodObject)
  expect(deferred.string()).not.toBeInstanceOf(deferred.ZodObject)
  expect(Object.keys(order(deferred).shape)).toEqual(Object.keys(order(zod).shape))
})

it('is built by its first use, and once', () => {
  let built = 0
  const fields = {
    get name() {
      built += 1
      return deferred.string()
    },
  }
  const schema = deferred.object(fields).partial().extend({ more: deferred.int() }).nullable().meta({})
  expect(built).toBe(0)
  schema.parse(null)
  schema.parse({ name: 'x', more: 1 })
  expect(built).toBe(1)
})

const bundled = globSync('{lib,functions}/**/*.ts')
  .map((path) => readFileSync(path, 'utf8'))
  .filter((text) => text.includes("import * as z from 'zod'"))

it('has every method of zod that a file in a bundle calls', () => {
  const kinds = (z: Zod) => [z.string(), z.int(), z.array(z.string()), z.object({}), z.enum(['a'])]
  const inChain = (name: string) => (of: object) => typeof Reflect.get(of, name) === 'function'
  const called = new Set(
    bundled.flatMap((text) =>
      [...text.matchAll(/(?<!\b(?:z|iso)\s*)\.(\w+)\(/g)].map(([, name = '']) => name),
    ),
  )
  const ofZod = [...called].filter((name) => kinds(zod).some(inChain(name)))
  expect(ofZod.length).toBeGreaterThan(20)
  expect(ofZod.filter((name) => !kinds(deferred).some(inChain(name)))).toEqual([])
  // zod/mini gives a transform no such method; `issues.push` works in both.
  expect([...called]).not.toContain('addIssue')
})

it('has every name of zod that a file in a bundle uses', () => {
  const used = bundled
    .flatMap((text) => [...text.matchAll(/\bz\s*\.(?:([a-z]\w*)\(|(iso|NEVER)\b)|instanceof z\.(\w+)/g)])
    .flatMap(([, called, read, tested]) => called ?? read ?? tested ?? [])
  expect([...new Set(used)].filter((name) => !Object.hasOwn(replacement, name))).toEqual([])
  expect(used.length).toBeGreaterThan(500)
})
