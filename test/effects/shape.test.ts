import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import * as shape from '../../lib/effects/shape.ts'

/** The same shape twice: as Postern reads it, and as zod does. */
type Twin = { readonly ours: shape.Shape<unknown>; readonly zods: z.ZodMiniType }

const plain: readonly Twin[] = [
  { ours: shape.string(), zods: z.string() },
  { ours: shape.boolean(), zods: z.boolean() },
  { ours: shape.number(), zods: z.number() },
  { ours: shape.int(), zods: z.int() },
  { ours: shape.count(), zods: z.int().check(z.nonnegative()) },
  { ours: shape.literal('a'), zods: z.literal('a') },
  { ours: shape.literal(true), zods: z.literal(true) },
  { ours: shape.enum(['a', 'b']), zods: z.enum(['a', 'b']) },
  { ours: shape.startingWith('a'), zods: z.templateLiteral(['a', z.string()]) },
  { ours: shape.matching(/^[ab]$/), zods: z.string().check(z.regex(/^[ab]$/)) },
  { ours: shape.bytes(), zods: z.instanceof(Uint8Array) },
]
const names = ['a', 'b', '__proto__', 'constructor'] as const
const { twin } = fc.letrec<{ twin: Twin }>((tie) => ({
  twin: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...plain),
    tie('twin').map(({ ours, zods }) => ({ ours: shape.nullable(ours), zods: z.nullable(zods) })),
    tie('twin').map(({ ours, zods }) => ({ ours: shape.array(ours), zods: z.array(zods) })),
    fc.tuple(tie('twin'), tie('twin')).map(([one, other]) => ({
      ours: shape.tuple([one.ours, other.ours]),
      zods: z.tuple([one.zods, other.zods]),
    })),
    fc
      .record({
        a: tie('twin'),
        b: tie('twin'),
        kind: fc.constantFrom('both', 'optional', 'default', 'picked'),
      })
      .map(({ a, b, kind }) => {
        if (kind === 'optional')
          return {
            ours: shape.object({ a: a.ours, b: shape.optional(b.ours) }),
            zods: z.object({ a: a.zods, b: z.optional(b.zods) }),
          }
        if (kind === 'default')
          return {
            ours: shape.object({ a: a.ours, b: shape._default(shape.string(), 'absent') }),
            zods: z.object({ a: a.zods, b: z._default(z.string(), 'absent') }),
          }
        if (kind === 'picked')
          return {
            ours: shape.pick(shape.object({ a: a.ours, b: b.ours }), { a: true }),
            zods: z.pick(z.object({ a: a.zods, b: b.zods }), { a: true }),
          }
        return {
          ours: shape.object({ a: a.ours, b: b.ours }),
          zods: z.object({ a: a.zods, b: b.zods }),
        }
      }),
  ),
}))
const leaf = fc.constantFrom<unknown>(
  ...['', 'a', 'b', 'ab', 'A', true, false, 0, 1, -1, 0.5, 2 ** 53, Number.NaN, null, undefined],
  new Uint8Array(1),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'medium' },
    leaf,
    fc.array(tie('value'), { maxLength: 2 }),
    fc
      .array(fc.tuple(fc.constantFrom(...names.slice(0, 2), 'other'), tie('value')), { maxLength: 3 })
      .map((fields) => Object.fromEntries(fields)),
  ),
}))

describe('a shape', () => {
  it('takes what zod takes, refuses what zod refuses, and makes the same of it', () => {
    fc.assert(
      fc.property(twin, value, ({ ours, zods }, given) => {
        const [own, other] = [ours.safeParse(given), zods.safeParse(given)]
        expect(own.success).toBe(other.success)
        if (own.success) expect(JSON.stringify(own.data)).toBe(JSON.stringify(other.data))
      }),
      { numRuns: 2000 },
    )
  })

  it('reads a record by its own names only', () => {
    const given = JSON.parse('{"a": "x", "__proto__": "y"}')
    const read = shape.record(shape.string()).parse(given)
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect(Object.entries(read)).toContainEqual(['a', 'x'])
    expect(shape.record(shape.string()).safeParse({ a: 1 }).success).toBe(false)
    expect(shape.record(shape.string()).safeParse(['a']).success).toBe(false)
  })

  it('takes instants in UTC alone', () => {
    expect(shape.instant().safeParse('2026-11-22T09:00:00.000Z').success).toBe(true)
    for (const text of ['2026-11-22', '2026-11-22T09:00:00+01:00', 'x2026-11-22T09:00:00Z', 0])
      expect(shape.instant().safeParse(text).success).toBe(false)
  })

  it('takes an object of any of several kinds', () => {
    const kinds = shape.union([
      shape.object({ kind: shape.literal('one'), a: shape.int() }),
      shape.object({ kind: shape.enum(['two', 'three']), b: shape.string() }),
    ])
    expect(kinds.parse({ kind: 'three', b: 'x', more: 1 })).toEqual({ kind: 'three', b: 'x' })
    expect(kinds.safeParse({ kind: 'one', b: 'x' }).success).toBe(false)
  })

  it('makes an object of its own of each value', () => {
    const user = shape.object({ name: shape.string(), email: shape.optional(shape.string()) })
    const [one, other] = [{ name: 'a', email: 'a@example.com' }, { name: 'b' }].map((given) =>
      user.parse(given),
    )
    expect(one).toStrictEqual({ name: 'a', email: 'a@example.com' })
    expect(other).toStrictEqual({ name: 'b' })
  })

  it('says where what is missing, and never the value', () => {
    const roles = shape.object({ roles: shape.array(shape.object({ name: shape.string() })) })
    expect(() => roles.parse({ roles: [{ name: 'a' }, { name: { secret: 1 } }] })).toThrow(
      /^roles\.1\.name: is no text$/,
    )
  })
})
