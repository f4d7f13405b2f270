/**
 * The shapes of stored items and of events, in the words of zod/mini and with its results. A shape of this kind costs nothing until
 * it is used: a decision after a start would otherwise wait 8 to 11 ms for zod. Requests and answers have zod's schemas.
 */
export type Shape<T> = {
  /** Fields that the shape does not name are left out. @throws Malformed */
  readonly parse: (value: unknown) => T
  readonly safeParse: (value: unknown) => Parsed<T>
}
type Parsed<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly error: Malformed }
type Output<S> = S extends Shape<infer T> ? T : never

export type { Output as infer, Output as output }

/** The message names the place and what it should have, never the value. */
class Malformed extends Error {
  override readonly name = 'Malformed'
  at(place: string | number): this {
    this.message = `${place}${/^\w+(?:\.|:)/.test(this.message) ? '.' : ': '}${this.message}`
    return this
  }
}

const shape = <T>(parse: (value: unknown) => T): Shape<T> => ({
  parse,
  safeParse: (value) => {
    try {
      return { success: true, data: parse(value) }
    } catch (error) {
      if (error instanceof Malformed) return { success: false, error }
      throw error
    }
  },
})

const refuse = (what: string): never => {
  throw new Malformed(`is no ${what}`)
}
const inPlace = <T>(place: string | number, read: Shape<T>, value: unknown): T => {
  try {
    return read.parse(value)
  } catch (error) {
    throw error instanceof Malformed ? error.at(place) : error
  }
}

const where = <T>(what: string, holds: (value: unknown) => value is T): Shape<T> =>
  shape((value) => (holds(value) ? value : refuse(what)))

export const string = (): Shape<string> => where('text', (value) => typeof value === 'string')
export const boolean = (): Shape<boolean> => where('boolean', (value) => typeof value === 'boolean')
export const number = (): Shape<number> => where('number', (value): value is number => Number.isFinite(value))
export const int = (): Shape<number> =>
  where('whole number', (value): value is number => Number.isSafeInteger(value))
/** A whole number from 0. */
export const count = (): Shape<number> =>
  where('count', (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0)
export const unknown = (): Shape<unknown> => shape((value) => value)
/** A text of a form that is a type of its own. */
export const matching = <T extends string>(form: RegExp): Shape<T> =>
  where(`text of the form ${form}`, (value): value is T => typeof value === 'string' && form.test(value))
export const startingWith = <const P extends string>(prefix: P): Shape<`${P}${string}`> =>
  where(
    `text with ${prefix}`,
    (value): value is `${P}${string}` => String(value).startsWith(prefix) && typeof value === 'string',
  )
/** ISO 8601, UTC. */
export const instant = (): Shape<string> => matching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/)
export const bytes = (): Shape<Uint8Array> => where('bytes', (value) => value instanceof Uint8Array)

const oneOf = <const T extends string>(options: readonly T[]): Shape<T> =>
  where(`${options.join(' | ')}`, (value): value is T => (options as readonly unknown[]).includes(value))

export { oneOf as enum }
export const literal = <const T extends string | number | boolean>(only: T): Shape<T> =>
  where(String(only), (value): value is T => value === only)

export const nullable = <T>(inner: Shape<T>): Shape<T | null> =>
  shape((value) => (value === null ? null : inner.parse(value)))
type Optional<T> = Shape<T | undefined> & { readonly mayBeAbsent: true }
export const optional = <T>(inner: Shape<T>): Optional<T> => ({
  ...shape((value) => (value === undefined ? undefined : inner.parse(value))),
  mayBeAbsent: true,
})
/** For fields that came later than some of the items. */
export const _default = <T>(inner: Shape<T>, absent: NoInfer<T>): Shape<T> =>
  shape((value) => (value === undefined ? absent : inner.parse(value)))

export const array = <T>(inner: Shape<T>): Shape<T[]> =>
  shape((value) =>
    Array.isArray(value) ? value.map((one, index) => inPlace(index, inner, one)) : refuse('list'),
  )
/** A list with a member for each shape. */
export const tuple = <const S extends readonly Shape<unknown>[]>(
  members: S,
): Shape<{ -readonly [I in keyof S]: Output<S[I]> }> =>
  shape((value) => {
    if (!Array.isArray(value) || value.length !== members.length) return refuse(`list of ${members.length}`)
    return members.map((member, index) => inPlace(index, member, value[index])) as {
      -readonly [I in keyof S]: Output<S[I]>
    }
  })

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : refuse('object')

export const record = <T>(inner: Shape<T>): Shape<Record<string, T>> =>
  shape((value) =>
    Object.fromEntries(
      Object.entries(fieldsOf(value)).map(([name, one]) => [name, inPlace(name, inner, one)]),
    ),
  )

type Shapes = Readonly<Record<string, Shape<unknown>>>
type AbsentNames<F> = { [K in keyof F]: F[K] extends { readonly mayBeAbsent: true } ? K : never }[keyof F]
type ObjectOf<F> = { -readonly [K in Exclude<keyof F, AbsentNames<F>>]: Output<F[K]> } & {
  -readonly [K in AbsentNames<F>]?: Output<F[K]>
} extends infer O
  ? { [K in keyof O]: O[K] }
  : never

type ObjectShape<F extends Shapes> = Shape<ObjectOf<F>> & { readonly fields: F }

export const object = <F extends Shapes>(fields: F): ObjectShape<F> => {
  const named = Object.entries(fields)
  // V8 makes a hash table of an object that gets more than a dozen fields by computed names, and none of a copy.
  const required = named.filter(([, inner]) => !('mayBeAbsent' in inner))
  const blank: Fields = Object.fromEntries(required.map(([name]) => [name, undefined]))
  const read = shape((value) => {
    const given = fieldsOf(value)
    const found: Record<string, unknown> = { ...blank }
    let place = ''
    try {
      for (const [name, inner] of named) {
        place = name
        const one = inner.parse(given[name])
        if (one !== undefined) found[name] = one
      }
    } catch (error) {
      throw error instanceof Malformed ? error.at(place) : error
    }
    return found as ObjectOf<F>
  })
  return { ...read, fields }
}

/** An object with more fields. */
export const extend = <F extends Shapes, M extends Shapes>(
  base: ObjectShape<F>,
  more: M,
): ObjectShape<F & M> => object({ ...base.fields, ...more })

/** An object with some of the fields. */
export const pick = <F extends Shapes, const N extends keyof F & string>(
  base: ObjectShape<F>,
  wanted: Readonly<Record<N, true>>,
): ObjectShape<Pick<F, N>> => {
  const picked = Object.entries(base.fields).filter(([name]) => Object.hasOwn(wanted, name))
  return object(Object.fromEntries(picked) as Pick<F, N>)
}

/** An object of one of several kinds. */
export const union = <S extends readonly Shape<unknown>[]>(kinds: S): Shape<Output<S[number]>> =>
  shape((value) => {
    for (const kind of kinds) {
      const read = kind.safeParse(value)
      if (read.success) return read.data as Output<S[number]>
    }
    return refuse('known kind')
  })
