import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hrefOf, matched, placeOf } from '../../console/router.ts'
import { screenAt, screens } from '../../console/screens.ts'

const placeIn = (href: string) => placeOf(new URL(href, 'https://postern.example'))
/** Any text that is not empty, hostile ones included. */
const text = fc.string({ minLength: 1, unit: 'binary' })
const segment = text.map(encodeURIComponent)

describe('the address of a place', () => {
  it('leads back to the place: path, and every parameter of the query', () => {
    const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
    // A dot segment changes the path in every browser, encoded or not.
    const isPlain = (given: string) => !given.split('/').some((part) => /^(?:\.|%2e){1,2}$/i.test(part))
    fc.assert(
      fc.property(path.filter(isPlain), fc.dictionary(text, text), (given, query) => {
        const place = placeIn(hrefOf(given, query))
        expect(place.path).toBe(given)
        expect(place.query).toEqual({ ...query })
      }),
    )
  })

  it('has no empty parameters, which is how a filter is cleared', () => {
    expect(hrefOf('/users', { q: '', role: '2' })).toBe('/console/users?role=2')
    expect(hrefOf('/', { q: '' })).toBe('/console')
  })

  it.each([
    ['/console', '/'],
    ['/console/', '/'],
    ['/console/users/', '/users'],
    ['/console/users//', '/users'],
    ['/consoles', '/consoles'],
  ])('%s is the place %s', (href, path) => {
    expect(placeIn(href).path).toBe(path)
  })
})

describe('a pattern', () => {
  it('gives back the values that its path was made of', () => {
    const part = fc.oneof(
      fc.stringMatching(/^[a-z-]{1,8}$/).map((fixed) => ({ pattern: fixed, path: fixed, value: {} })),
      fc.record({ name: fc.stringMatching(/^[a-z]{1,6}$/), value: text }).map(({ name, value }) => ({
        ...{ pattern: `:${name}`, path: encodeURIComponent(value), value: { [name]: value } },
      })),
    )
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const names = parts.flatMap(({ value }) => Object.keys(value))
        fc.pre(new Set(names).size === names.length)
        const of = (form: 'pattern' | 'path') => `/${parts.map((each) => each[form]).join('/')}`
        expect(matched(of('pattern'), of('path'))).toEqual(
          Object.assign({}, ...parts.map(({ value }) => value)),
        )
      }),
    )
  })

  it('throws at no path, however wrong its escapes are, and matches none with more or fewer parts', () => {
    fc.assert(
      fc.property(fc.string(), (given) => {
        const parts = given.split('/')
        const found = matched('/users/:userId', `/users/${given}`)
        expect(found === null).toBe(parts.length !== 1 || given === '')
      }),
    )
    expect(matched('/users/:userId', '/users/%E0%A4%A')).toEqual({ userId: '%E0%A4%A' })
    expect(matched('/users/:userId', '/roles/2')).toBeNull()
  })
})

describe('every screen', () => {
  it.each(screens.map((row) => [row.path, row] as const))('%s is found at its own path', (pattern, row) => {
    expect(screenAt(pattern.replaceAll(/:(\w+)/g, 'value-of-$1'))?.row).toBe(row)
  })
})
