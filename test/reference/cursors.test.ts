import { afterAll, beforeAll, expect, it } from 'vitest'
import { indexNames } from '../../infra/local/schema-table.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { cursorsOf, hasCursors } from '../../lib/http/cursors.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { Seal, SealContext } from '../../lib/secrets/seal.ts'
import { subject } from '../decision/sample-subject.ts'
import type { Deployment } from '../functions/deployment.ts'
import { deployment } from '../functions/deployment.ts'

/** A query that has a second page, and another one of the same list; null = the list has no other parameters, or no short page. */
const queries: Readonly<Record<string, { readonly paged: string | null; readonly other: string | null }>> = {
  listUsers: { paged: '', other: 'order=descending' },
  listSources: { paged: '', other: null },
  listDecisions: { paged: '', other: 'reason=permission_not_granted' },
  listAudit: { paged: '', other: 'action=user.created' },
  // An answer of 5000 rows; its cursor is in test/audit/export-answer.test.ts.
  exportAudit: { paged: null, other: null },
  listUsage: { paged: `from=${new Date(Date.now() - 60 * 86_400_000).toISOString()}`, other: 'groupBy=hour' },
}
const lists = endpoints.filter(hasCursors)

let deployed: Deployment
let authorization: string
const cursors = new Map<string, string>()

const joined = (...parts: readonly (string | null | undefined)[]) =>
  parts.filter((part) => part !== null && part !== undefined && part !== '').join('&')
const pathOf = (id: string) => lists.find(({ operationId }) => operationId === id)?.path ?? ''
const limitOf = (id: string, limit: number) => (id === 'exportAudit' ? '' : `limit=${limit}`)
const list = (id: string, query: string, as = authorization) =>
  deployed.call('GET', pathOf(id), { authorization: as, query })

beforeAll(async () => {
  deployed = await deployment({}, indexNames)
  authorization = `Bearer ${deployed.first.token}`
  const { token } = await deployed.make({ username: 'partner-42' })
  await deployed.ask(`Bearer ${token}`, { gatewayId: 'shop' }, 'GET /orders')
  await list('listUsers', '', `Bearer ${token}`)
  // What is kept of a denial is written behind the answer.
  const { settled } = await import('../../functions/wiring/behind.ts')
  await settled()
  for (const [id, { paged }] of Object.entries(queries)) {
    if (paged === null) continue
    const { body } = await list(id, joined(paged, limitOf(id, 1)))
    cursors.set(id, String(body['nextCursor']))
  }
})
afterAll(() => deployed.kms.close())

it('are on every list that has pages', () => {
  expect(lists.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(queries).toSorted())
  expect([...cursors.values()]).not.toContain('null')
})

it('tell nothing of what stands where a page ends: it may be somebody whom the reader does not reach', () => {
  for (const [id, cursor] of cursors) {
    const text = Buffer.from(cursor, 'base64url').toString('latin1')
    expect(text, id).not.toMatch(/usr_|org_|admin|partner|20\d\d-\d\d/)
  }
  // Positions of users are of several lengths, and their cursors of one.
  expect(new Set([...cursors.values()].map(({ length }) => length)).size).toBe(1)
})

it('come back whole, whatever their length and whatever the order of the query', async () => {
  const endpoint = lists.find(({ operationId }) => operationId === 'listUsers')
  if (endpoint === undefined) throw new Error('no list of users')
  const contexts: SealContext[] = []
  const seal: Seal = {
    seal: (text, context) => Promise.resolve(Buffer.from(text.with(0, contexts.push(context)))),
    open: (sealed, context) => {
      if (sealed.length === 0) throw new Error('KMS opens no empty text')
      expect(context).toEqual({ ...contexts[0], purpose: 'cursor' })
      return Promise.resolve(Buffer.from(sealed))
    },
  }
  const caller = { subject: subject(), reach: 'organization' } as unknown as Caller
  const cursorsWith = (query: object) =>
    cursorsOf(seal, endpoint, caller, { query } as Parameters<typeof cursorsOf>[3])
  for (const length of [1, 255, 256, 257]) {
    contexts.length = 0
    const position = `\u0001${'x'.repeat(length - 1)}`
    const { body } = await cursorsWith({ q: 'a', order: 'ascending' }).seal({
      body: { nextCursor: position },
    })
    const { nextCursor: cursor } = body as { nextCursor: string }
    const opened = await cursorsWith({ order: 'ascending', cursor, limit: 3, q: 'a' }).open()
    expect(opened.query).toMatchObject({ cursor: position, limit: 3 })
  }
  await expect(cursorsWith({ cursor: 'A' }).open()).rejects.toMatchObject({ code: 'invalid_request' })
})

it.each(Object.keys(queries))(
  'go on at %s with the same query in the same organization, and nowhere else',
  async (id) => {
    const { paged, other } = queries[id] ?? { paged: null, other: null }
    const refused = { status: 400, body: { errors: [{ path: 'cursor' }] } }
    for (const [from, cursor] of cursors) {
      if (from === id) continue
      expect(await list(id, joined(paged, limitOf(id, 1), `cursor=${cursor}`)), from).toMatchObject(refused)
    }
    const cursor = cursors.get(id)
    if (cursor === undefined) return
    const next = joined(paged, limitOf(id, 5), `cursor=${cursor}`)
    expect(await list(id, next, `Bearer ${deployed.second.token}`), 'elsewhere').toMatchObject(refused)
    const inGroup = joined(paged, limitOf(id, 5), `cursor=${cursor}`, 'aid=1')
    expect(await list(id, inGroup), 'in an account group').toMatchObject(refused)
    if (other !== null)
      expect(await list(id, joined(paged, other, `cursor=${cursor}`)), other).toMatchObject(refused)
    const altered = `${cursor.slice(0, 20)}${cursor[20] === 'A' ? 'B' : 'A'}${cursor.slice(21)}`
    for (const madeUp of ['A', 'AAAA', altered])
      expect(await list(id, joined(paged, `cursor=${madeUp}`)), madeUp).toMatchObject(refused)
    const [first, second] = [await list(id, joined(paged, limitOf(id, 1))), await list(id, next)]
    expect(second.status).toBe(200)
    const rowsOf = ({ body }: typeof first) => Object.values(body).find(Array.isArray) ?? []
    const seen = new Set(rowsOf(first).map((row) => JSON.stringify(row)))
    expect(rowsOf(second).filter((row) => seen.has(JSON.stringify(row)))).toEqual([])
  },
)
