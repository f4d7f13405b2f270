import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Level, Rights } from '../../console/client/granted-rights.ts'
import {
  fullRights,
  plainApiOf,
  rightTexts,
  sameRights,
  withEndpoint,
  withLevel,
} from '../../console/client/granted-rights.ts'
import { holds } from '../../console/client/rights.ts'
import type { Me } from '../../console/client/session.ts'
import { mayOpen } from '../../console/screens.ts'

describe('what a user holds', () => {
  const me = (management: Me['management']) => ({ management }) as Me
  const section = 'postern-users'

  it.each([
    [undefined, 'read', false],
    [undefined, 'write', false],
    ['read', 'read', true],
    ['read', 'write', false],
    ['write', 'read', true],
    ['write', 'write', true],
  ] as const)('with %s, %s is %s', (held, level, isHeld) => {
    const who = me(held === undefined ? { 'postern-audit': 'write' } : { [section]: held })
    expect(holds(who, { section, level })).toBe(isHeld)
    expect(mayOpen(who, { needs: { section, level } })).toBe(isHeld)
  })

  it('a screen that needs nothing is open to everybody', () => {
    expect(mayOpen(me({}), {})).toBe(true)
  })
})

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const level = fc.constantFrom<Level>('read', 'write')
const rights: fc.Arbitrary<Rights> = fc.record({
  permissions: fc.dictionary(
    fc.oneof(
      name,
      fc.tuple(name, name).map((parts) => parts.join('/')),
      name.map((each) => `postern-${each}`),
    ),
    level,
  ),
  endpoints: fc.uniqueArray(
    fc.oneof(
      name.map((each) => `GET /${each}`),
      fc.tuple(name, name).map(([api, path]) => `${api} POST /${path}`),
    ),
  ),
})

describe('rights with the API in front of each name', () => {
  it('are complete after one time, and lose or raise nothing', () => {
    fc.assert(
      fc.property(rights, name, (given, api) => {
        // The same section in both spellings would be one right.
        fc.pre(Object.keys(given.permissions).every((key) => !(`${api}/${key}` in given.permissions)))
        const full = fullRights(given, api)
        expect(fullRights(full, api)).toEqual(full)
        for (const [key, held] of Object.entries(given.permissions)) {
          const isComplete = key.includes('/') || key.startsWith('postern-')
          expect(full.permissions[isComplete ? key : `${api}/${key}`]).toBe(held)
        }
        expect(Object.keys(full.permissions)).toHaveLength(Object.keys(given.permissions).length)
        for (const each of full.endpoints) expect(each.split(' ')).toHaveLength(3)
        expect(fullRights(given, null)).toEqual(given)
      }),
    )
  })

  it('take the only API that the organization owns, or else the only one that it sees', () => {
    type Api = Parameters<typeof plainApiOf>[0][number]
    const api = (named: string, owner: string) => ({ name: named, organizationId: owner }) as Api
    const own = api('own', 'org_1')
    const [one, two] = [api('one', 'org_2'), api('two', 'org_3')]
    expect(plainApiOf([own, one, two], 'org_1')).toBe('own')
    expect(plainApiOf([own, api('own2', 'org_1')], 'org_1')).toBeNull()
    expect(plainApiOf([one], 'org_1')).toBe('one')
    expect(plainApiOf([one, two], 'org_1')).toBeNull()
    expect(plainApiOf([], 'org_1')).toBeNull()
  })
})

describe('one right more or less', () => {
  it('changes this one only, and back again nothing', () => {
    fc.assert(
      fc.property(rights, name, fc.option(level), (given, key, chosen) => {
        fc.pre(!(key in given.permissions) && !given.endpoints.includes(`GET /${key}`))
        const more = withEndpoint(withLevel(given, key, chosen), `GET /${key}`, true)
        expect(more.permissions).toEqual(
          chosen === null ? given.permissions : { ...given.permissions, [key]: chosen },
        )
        expect(new Set(more.endpoints)).toEqual(new Set([...given.endpoints, `GET /${key}`]))
        expect(withEndpoint(more, `GET /${key}`, true).endpoints).toEqual(more.endpoints)
        expect(sameRights(more, given)).toBe(false)
        const back = withEndpoint(withLevel(more, key, null), `GET /${key}`, false)
        expect(sameRights(back, given)).toBe(true)
      }),
    )
  })

  it('makes two sets of rights differ, their order does not', () => {
    fc.assert(
      fc.property(rights, (given) => {
        const turned = {
          permissions: Object.fromEntries(Object.entries(given.permissions).toReversed()),
          endpoints: given.endpoints.toReversed(),
        }
        expect(sameRights(given, turned)).toBe(true)
        expect(rightTexts(given)).toHaveLength(Object.keys(given.permissions).length + given.endpoints.length)
      }),
    )
  })
})
