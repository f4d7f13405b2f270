import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Member } from '../../lib/identity/member.ts'
import { newMembershipId, newUserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { wordNames } from '../../lib/table/schema.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { findUsers } from '../../lib/users/find-users.ts'
import { firstWrites, newMember } from '../../lib/users/new-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { freshTable } from '../fresh-table.ts'
import { dependenciesOf, makeOrganization, origin } from '../organizations/organization.ts'
import { sampleNames } from './sample-names.ts'

const at = '2026-11-21T12:00:00.000Z'
let table: Table
let own: Awaited<ReturnType<typeof makeOrganization>>
let members: readonly Member[]

/** Put without a use case, so that many take a second. */
const put = async (organizationId: Member['membership']['organizationId'], fields: object, index: number) => {
  const given = { username: `${sampleNames[index % 5]?.login}-${index}`, ...fields, organizationId, at }
  const ids = { userId: newUserId(randomBytes), membershipId: newMembershipId(randomBytes) }
  const member = newMember({ ...given, ...ids })
  await writeTransaction(table, firstWrites(member, null, at))
  return member
}

beforeAll(async () => {
  table = await freshTable(wordNames)
  own = await makeOrganization(table)
  const users = Array.from(
    { length: 60 },
    (_, index) => sampleNames[index % sampleNames.length] ?? { login: '' },
  )
  members = await Promise.all(
    users.map(({ firstName, lastName, domain }, index) =>
      put(
        own.organizationId,
        { firstName, lastName, ...(domain === undefined ? {} : { email: `mail${index}@${domain}` }) },
        index,
      ),
    ),
  )
  members = [...members, own.admin.snapshot]
  await put('org_other', { firstName: 'Ada', lastName: 'Other' }, 1000)
})

const find = (query: Parameters<typeof findUsers>[2]) => findUsers(dependenciesOf(table), own.admin, query)

const allOf = async (query: Parameters<typeof findUsers>[2], between = async (_page: number) => {}) => {
  const seen: string[] = []
  let cursor: string | undefined
  for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
    const answer = await find({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    expect(answer.users.length).toBeLessThanOrEqual(query.limit ?? 50)
    seen.push(...answer.users.map(({ username }) => username))
    cursor = answer.nextCursor ?? undefined
    await between(page)
  }
  return seen
}

/** A text as somebody would compare it by eye: what is left of its letters when marks and case are ignored. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[áàäã]/g, 'a')
    .replaceAll(/[éèë]/g, 'e')
    .replaceAll(/[üú]/g, 'u')
    .replaceAll('ß', 'ss')
const tails = (text: string): string[] =>
  plain(text)
    .split(' ')
    .flatMap((group) => {
      const parts = group.split(/[-.@']/)
      return parts.map((_part, from) => parts.slice(from).join(''))
    })
/** Naive: the texts of a user, from each place where somebody may begin to type. */
const textsOf = ({ user: { username, email, firstName, lastName } }: Member): string[] =>
  [username, email ?? '', firstName, lastName].flatMap(tails).filter((text) => text !== '')

const expected = (query: string): string[] => {
  const words = plain(query)
    .split(' ')
    .map((word) => word.replaceAll(/[-.@']/g, ''))
    .filter((word) => word !== '')
  const longest = words.toSorted((one, other) => other.length - one.length)[0] ?? ''
  return members
    .filter((member) => words.every((word) => textsOf(member).some((text) => text.startsWith(word))))
    .map((member) => ({
      username: member.user.username,
      first: textsOf(member)
        .filter((text) => text.startsWith(longest))
        .toSorted()[0],
    }))
    .toSorted((one, other) =>
      one.first === other.first
        ? one.username < other.username
          ? -1
          : 1
        : String(one.first) < String(other.first)
          ? -1
          : 1,
    )
    .map(({ username }) => username)
}

describe('a search', () => {
  it('finds whoever the words begin a name of, in order, each once over any pages', async () => {
    const parts = [...new Set(members.flatMap(textsOf))]
    const beginning = fc
      .tuple(fc.constantFrom(...parts), fc.integer({ min: 1, max: 9 }))
      .map(([part, length]) => part.slice(0, length))
    const queries = fc.oneof(
      beginning,
      fc.tuple(beginning, beginning).map((two) => two.join(' ')),
      fc.constantFrom('Ádá', 'STRASS', "o'n", 'nobody here', 'mail1', 'example.org', '7'),
    )
    await fc.assert(
      fc.asyncProperty(queries, fc.integer({ min: 1, max: 20 }), async (q, limit) => {
        const wanted = expected(q)
        expect(await allOf({ q, limit })).toEqual(wanted)
      }),
      { numRuns: 40 },
    )
  })

  it('sorts the other way round as well', async () => {
    const found = await allOf({ q: 'ada', limit: 3 })
    expect(found.length).toBeGreaterThan(6)
    expect(await allOf({ q: 'ada', limit: 3, order: 'descending' })).toEqual(found.toReversed())
  })

  it('is narrowed by every other filter, all at once', async () => {
    const { dependencies, admin } = own
    const make = (username: string, fields: object) =>
      createUser(dependencies, admin, { username, ...fields }, origin)
    await make('heron-a', { role: 'Admin', accessLevel: 'dashboard', email: 'a@heron.example' })
    await make('heron-b', { role: 'Admin', status: 'disabled' })
    await make('heron-c', { role: 'User', loginAccountGroup: 1, permissions: { orders: 'read' } })
    const found = (filter: object) => allOf({ q: 'heron', ...filter })
    expect(await found({})).toEqual(['heron-a', 'heron-b', 'heron-c'])
    expect(await found({ role: 'admin' })).toEqual(['heron-a', 'heron-b'])
    expect(await found({ role: 'admin', status: 'active' })).toEqual(['heron-a'])
    expect(await found({ accountGroup: 1 })).toEqual(['heron-c'])
    expect(await found({ accessLevel: 'dashboard' })).toEqual(['heron-a'])
    expect(await found({ hasOwnGrants: true })).toEqual(['heron-c'])
    expect(await found({ hasOwnGrants: false })).toEqual(['heron-a', 'heron-b'])
    expect(await found({ membership: 'guest' })).toEqual([])
    expect(await found({ membership: 'home' })).toEqual(['heron-a', 'heron-b', 'heron-c'])
    for (const unknown of [
      { role: 'nothing' },
      { accountGroup: 77 },
      { integrationVendor: 'vnd_none' as const },
    ])
      expect(await refusalCode(find({ q: 'heron', ...unknown }))).toBe('invalid_request')
  })

  it('loses nobody and shows nobody twice while others come, go and get other names', async () => {
    const { dependencies, admin } = own
    const make = (username: string) => createUser(dependencies, admin, { username }, origin)
    const names = Array.from({ length: 8 }, (_, index) => `ibis-${index}0`)
    for (const name of names) await make(name)
    const changing = await make('ibis-35')
    const going = await make('ibis-55')
    const any = { version: null, ifMatch: null }
    const renamed = ['ibis-02', 'ibis-75', 'crane', 'ibis-76']
    const found = await allOf({ q: 'ibis', limit: 2 }, async (page) => {
      if (page === 1) await deleteUser(dependencies, admin, going.user.userId, null, origin)
      await make(`ibis-${page}1`)
      const username = renamed[page]
      if (username !== undefined)
        await changeUser(dependencies, admin, changing.user.userId, { username, name: username }, any, origin)
    })
    expect(found.filter((name) => names.includes(name))).toEqual(names)
    expect(found).not.toContain('ibis-55')
    expect(await allOf({ q: 'ibis-55' })).toEqual([])
    expect(await allOf({ q: 'ibis-35' })).toEqual([])
    expect(await allOf({ q: 'ibis-76' })).toEqual(['ibis-76'])
  })

  it('needs a letter or a digit', async () => {
    expect(await refusalCode(find({ q: '-- @' }))).toBe('invalid_request')
  })

  it('reads many users at once where it leaves users out, however short the page is', async () => {
    const dependencies = dependenciesOf(table)
    let reads = 0
    const readWords: typeof dependencies.readWords = (...given) => {
      reads += 1
      return dependencies.readWords(...given)
    }
    const search = (caller: typeof own.admin, q: string) =>
      findUsers({ ...dependencies, readWords }, caller, { q, limit: 1 })
    expect((await search(own.admin, 'mail zzz')).users).toEqual([])
    expect(reads).toBeLessThan(5)
    reads = 0
    expect((await search({ ...own.admin, reach: new Set([1]) }, 'm')).users).toEqual([])
    expect(reads).toBeLessThan(5)
  })

  it('shows a user once while two indexes have the same word of it', async () => {
    const member = newMember({
      ...{ username: 'okapi', userId: newUserId(randomBytes), membershipId: newMembershipId(randomBytes) },
      ...{ organizationId: own.organizationId, at },
    })
    const membership = { ...member.membership, word2: member.membership.word1 }
    await writeTransaction(table, firstWrites({ ...member, membership }, null, at))
    expect(await allOf({ q: 'okapi' })).toEqual(['okapi'])
  })
})
