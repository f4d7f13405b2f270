import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { rowBySystem } from '../../lib/audit/audited.ts'
import { occasionOf } from '../../lib/audit/occasion.ts'
import { readKeptReply } from '../../lib/http/idempotency/kept-reply-store.ts'
import { requestWrites } from '../../lib/http/request-writes.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import type { Write } from '../../lib/table/transaction.ts'
import { notExists, writeTransaction } from '../../lib/table/transaction.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { subject } from '../decision/sample-subject.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { admittedSnapshotIn, organizationWith } from '../functions/stored-scene.ts'
import { putAnything } from '../table/put-anything.ts'

let table: Table
beforeAll(async () => {
  table = await freshTable()
})

const chances = { now: Date.now, randomBytes: (size: number): Uint8Array => randomBytes(size) }
const input = {
  params: { userId: 'usr_1' },
  query: { name: 'a' },
  body: { text: 'b' },
  headers: { 'idempotency-key': 'c0ffee' },
  form: null,
  dryRun: false,
}
const caller = (aid: number | null = null, of = subject()) => ({
  subject: of,
  snapshot: admittedSnapshotIn(organizationWith()),
  aid,
  reach: new Set<number>(),
})
const writesOf = (
  given: Partial<typeof input> = {},
  by: ReturnType<typeof caller> | null = caller(),
  operationId = 'makeThing',
) =>
  requestWrites({ operationId } as Parameters<typeof requestWrites>[0], { ...input, ...given }, by, {
    ...chances,
    write: (writes) => writeTransaction(table, writes),
    readKept: (request) => readKeptReply(table, request, Date.now()),
  })
const thing = (name: string): Write =>
  putAnything('thing', { pk: `THING#${name}`, sk: 'THING' }, { condition: notExists })
/** What an operation does: it makes a thing, answers, and refuses to make it twice. */
const make = async ({ once, write }: ReturnType<typeof writesOf>, name: string, answer: unknown) =>
  await once(async () => {
    const outcome = await write([thing(name)], answer)
    if (!outcome.committed) throw new Error(`there is a ${outcome.failed}`)
    return answer
  })
const withKey = (key: string) => ({ headers: { 'idempotency-key': key } })

describe('a request with an Idempotency-Key', () => {
  it('is carried out once, and its repetition gets the same answer', async () => {
    expect(await make(writesOf(), 'one', 1)).toBe(1)
    expect(await make(writesOf(), 'other', 2)).toBe(1)
    expect((await allItems(table)).map(({ pk }) => pk)).not.toContain('THING#other')
  })

  it.each<[string, () => ReturnType<typeof writesOf>]>([
    ['another path', () => writesOf({ params: { userId: 'usr_2' } })],
    ['another query', () => writesOf({ query: { name: 'z' } })],
    ['another body', () => writesOf({ body: { text: 'z' } })],
    ['another account group', () => writesOf({}, caller(7))],
    ['another operation', () => writesOf({}, caller(), 'makeOther')],
  ])('is refused under a key that was used for %s (F1)', async (_what, writes) => {
    await make(writesOf(), 'one', 1)
    expect(await refusalCode(make(writes(), 'other', 2))).toBe('idempotency_mismatch')
  })

  it('has nothing to do with those of other users and organizations under the same key', async () => {
    const organization = { organizationId: 'org_2' as const }
    for (const [name, of] of [
      ['of another user', subject({ userId: 'usr_other' as const })],
      ['of another organization', subject({ organization })],
    ] as const)
      expect(await make(writesOf({}, caller(null, of)), name, name)).toBe(name)
  })

  it('that comes twice at once makes one thing, and both get its answer', async () => {
    const asked = Array.from({ length: 5 }, (_, index) => make(writesOf(withKey('race')), 'raced', index))
    const answers = await Promise.all(asked)
    expect(new Set(answers).size).toBe(1)
  })

  it('is asked to come again by whoever writes without looking for an earlier answer', async () => {
    const write = (name: string) => writesOf(withKey('blind')).write([thing(name)], 1)
    expect(await write('blind 1')).toEqual({ committed: true })
    await expect(write('blind 2')).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      retryAfterSeconds: 1,
    })
  })

  it('may announce what it will do as often as it likes', async () => {
    const { write } = writesOf(withKey('announced'))
    for (const name of ['announced 1', 'announced 2'])
      expect(await write([thing(name)])).toEqual({ committed: true })
  })

  it('is not begun again when its answer is kept', async () => {
    await make(writesOf(withKey('kept')), 'kept', 1)
    expect(await writesOf(withKey('kept')).once(() => Promise.resolve('begun again'))).toBe(1)
  })

  it('that finds what its twin has just made gets the answer of the twin, and no refusal', async () => {
    const late = writesOf(withKey('late')).once(async () => {
      await make(writesOf(withKey('late')), 'late', 1)
      throw new Error('there is a thing')
    })
    expect(await late).toBe(1)
  })

  it('is carried out each time when nobody in particular sends it', async () => {
    for (const answer of [1, 2])
      expect(await make(writesOf(withKey('nobody'), null), `nobody ${answer}`, answer)).toBe(answer)
  })

  it('that was refused is carried out when it comes again', async () => {
    const refused = writesOf(withKey('refused')).once(() => Promise.reject(new Error('no')))
    await expect(refused).rejects.toThrow('no')
    expect(await make(writesOf(withKey('refused')), 'after a refusal', 1)).toBe(1)
  })
})

describe('a dry run', () => {
  const audited = (organizationId: OrganizationId): Write =>
    rowBySystem(organizationId, {}, occasionOf(chances), {
      action: 'user.changed',
      targetUserId: 'usr_1' as const,
      changes: [{ field: 'name', before: 'a', after: 'b' }],
    })

  it('writes nothing, and tells what the audit of the own organization would have', async () => {
    const before = await allItems(table)
    const { write, changes } = writesOf({ dryRun: true, headers: undefined as never })
    const writes = [thing('rehearsed'), audited('org_1'), audited('org_2')]
    expect(await write(writes)).toEqual({ committed: true, dryRun: true })
    expect(await allItems(table)).toHaveLength(before.length)
    expect(changes?.()).toEqual([
      {
        action: 'user.changed',
        targetUserId: 'usr_1' as const,
        targetId: null,
        changes: [{ field: 'name', before: 'a', after: 'b' }],
      },
    ])
  })

  it('fails as the request itself would, and tells of no change then', async () => {
    await writeTransaction(table, [thing('taken')])
    const { write, changes } = writesOf({ dryRun: true, headers: undefined as never })
    expect(await write([thing('taken'), audited('org_1')])).toMatchObject({
      committed: false,
      failed: 'thing',
    })
    expect(changes?.()).toEqual([])
  })
})
