import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as fc from 'fast-check'
import { beforeAll, describe } from 'vitest'
import type { GuessRow } from '../../lib/limits/guess.ts'
import { admitGuess } from '../../lib/limits/guess-store.ts'
import { spendOnce } from '../../lib/limits/spend-once-store.ts'
import type { ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { throttleSubject } from '../../lib/limits/throttle-rule.ts'
import { countAttempt, uncountAttempt } from '../../lib/limits/throttle-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import type { Draw } from './check-model.ts'
import { agreesWithModel } from './check-model.ts'
import { restore, scheduledTable, startedAt } from './table-scene.ts'

const most = 3
const windowSeconds = 900
const counted: ThrottleRule = { name: 'counted', attempts: most, windowSeconds }
const spent: ThrottleRule = { name: 'spent', attempts: most, windowSeconds }
const rules = [counted, spent]
const subjects = ['one', 'other']

/** One row of guesses: of each of two accounts, and of both together. */
const guessedAt = 'guessed at'
const mostOfBoth = 5

type Row = { count: number; ids: string[]; until: number }
/** Naive: what each row of counted attempts must hold. Times in whole seconds. */
type Model = {
  now: number
  readonly rows: Record<string, Row>
  /** The ids of wrong guesses that were told, by account; undefined before the first guess. */
  wrong: Record<string, string[]> | undefined
}
type Real = { readonly table: Table }

const windowOf = (seconds: number): number => Math.floor(seconds / windowSeconds) * windowSeconds
const rowName = (rule: ThrottleRule, subject: string, seconds: number): string =>
  `${rule.name}, ${subject}, ${windowOf(seconds)}`

const rowIn = (model: Model, name: string): Row => {
  model.rows[name] ??= { count: 0, ids: [], until: 0 }
  return model.rows[name]
}

const lasts = (row: Row, seconds: number): void => {
  row.until = windowOf(seconds) + windowSeconds
}

type DrawHere = Draw<Model, Real>
const anySubject = fc.constantFrom(...subjects)
const done = (deed: (real: Real) => Promise<string>) => () => Promise.resolve(deed)

const expiryOfGuesses = 2_000_000_000
const guessRow = (account: string): GuessRow => ({
  key: keys.throttle(guessedAt, null),
  expiresAtSeconds: expiryOfGuesses,
  counts: [
    { attribute: account, most },
    { attribute: 'both', most: mostOfBoth },
  ],
})

const guessing = fc.record({ account: anySubject, isWrong: fc.boolean(), isSentTwice: fc.boolean() }).map(
  ({ account, isWrong, isSentTwice }): DrawHere =>
    (_state, fresh) => {
      const id = fresh()
      return {
        said: `${id} guesses ${isWrong ? 'wrong' : 'right'} at ${account}${isSentTwice ? ', sent twice' : ''}`,
        expected: (after) => {
          after.wrong ??= {}
          const of = after.wrong
          const ofAccount = of[account] ?? []
          const ofBoth = Object.values(of).flat()
          if (ofAccount.length >= most || ofBoth.length >= mostOfBoth) return 'not told'
          if (isWrong) of[account] = [...ofAccount, id]
          return 'told'
        },
        admit: done(async ({ table }) => {
          const ask = () => admitGuess(table, guessRow(account), { id, isWrong })
          const isTold = await ask()
          // The SDK sends a write again whose answer was lost. Right ones change nothing, so others may come between.
          if (isSentTwice && isWrong && isTold !== (await ask())) return 'told otherwise'
          return isTold ? 'told' : 'not told'
        }),
      }
    },
)

const forgiving = fc.constant<DrawHere>(({ wrong }) =>
  wrong === undefined
    ? undefined
    : {
        said: 'wrong guesses at one forgotten',
        isAlone: true,
        expected: (after) => {
          after.wrong = {}
          return 'ok'
        },
        admit: done(async ({ table }) => {
          await table.client.send(
            new UpdateCommand({
              TableName: table.tableName,
              Key: guessRow('one').key,
              UpdateExpression: 'REMOVE #one, #other, #both',
              ExpressionAttributeNames: { '#one': 'one', '#other': 'other', '#both': 'both' },
            }),
          )
          return 'ok'
        }),
      },
)

const counting = fc.record({ subject: anySubject, isBack: fc.boolean() }).map(
  ({ subject, isBack }): DrawHere =>
    ({ now, rows }) => {
      const name = rowName(counted, subject, now)
      // What was never counted is not taken back.
      if (isBack && (rows[name]?.count ?? 0) === 0) return undefined
      return {
        said: `${isBack ? 'uncounted' : 'counted'} of ${subject}`,
        ...(isBack ? { isAlone: true as const } : {}),
        expected: (after) => {
          const row = rowIn(after, name)
          row.count += isBack ? -1 : 1
          lasts(row, now)
          return isBack ? 'ok' : String(row.count)
        },
        admit: done(async ({ table }) => {
          const at = now * 1000
          if (!isBack) return String(await countAttempt(table, counted, subject, at))
          await uncountAttempt(table, { rule: counted, subject, at })
          return 'ok'
        }),
      }
    },
)

const spending = fc.record({ subject: anySubject, id: fc.constantFrom('a', 'b', 'c', 'd', 'e') }).map(
  ({ subject, id }): DrawHere =>
    ({ now }) => ({
      said: `${id} spends one of ${subject}`,
      expected: (after) => {
        const name = rowName(spent, subject, now)
        const { ids = [] } = after.rows[name] ?? {}
        if (!ids.includes(id) && ids.length === most) return 'refused'
        const row = rowIn(after, name)
        row.ids = [...new Set([...ids, id])].sort()
        lasts(row, now)
        return 'allowed'
      },
      admit: done(async ({ table }) =>
        (await spendOnce(table, { rule: spent, subject, at: now * 1000 }, id)) ? 'allowed' : 'refused',
      ),
    }),
)

const waiting = fc.constantFrom(1, 15, 16, 300, 900).map(
  (seconds): DrawHere =>
    () => ({
      said: `${seconds} s later`,
      isAlone: true,
      expected: (after) => {
        after.now += seconds
        return 'ok'
      },
      admit: done(() => Promise.resolve('ok')),
    }),
)

/** By the name of the rule and the subject, which the table has as a hash only. */
const namesInTable = new Map(
  rules.flatMap((rule) =>
    subjects.map((subject) => [`THROTTLE#${throttleSubject(rule, subject)}`, `${rule.name}, ${subject}`]),
  ),
)

const textsIn = (set: unknown): string[] => (set instanceof Set ? [...set].map(String).sort() : [])

const observe = async ({ table }: Real) =>
  Object.fromEntries(
    (await allItems(table)).map(({ pk, sk, attempts, spentBy, expiresAtSeconds, ...item }) =>
      pk === guessRow('one').key.pk
        ? [
            guessedAt,
            {
              one: textsIn(item['one']),
              other: textsIn(item['other']),
              both: textsIn(item['both']),
              until: expiresAtSeconds,
            },
          ]
        : [
            `${namesInTable.get(String(pk))}, ${sk}`,
            { attempts: attempts ?? 0, ids: textsIn(spentBy), until: expiresAtSeconds },
          ],
    ),
  )

const stateOf = ({ rows, wrong }: Model) => ({
  ...Object.fromEntries(
    Object.entries(rows).map(([name, { count, ids, until }]) => [name, { attempts: count, ids, until }]),
  ),
  ...(wrong === undefined
    ? {}
    : {
        [guessedAt]: {
          one: [...(wrong['one'] ?? [])].sort(),
          other: [...(wrong['other'] ?? [])].sort(),
          both: Object.values(wrong).flat().sort(),
          until: expiryOfGuesses,
        },
      }),
})

let table: Table
beforeAll(async () => {
  table = await freshTable()
})

describe('guesses that are told, and attempts that are counted and spent', () => {
  agreesWithModel<Model, Real>(
    () => ({
      deeds: [
        { arbitrary: guessing, weight: 10 },
        { arbitrary: forgiving, weight: 1 },
        { arbitrary: counting, weight: 2 },
        { arbitrary: spending, weight: 3 },
        { arbitrary: waiting, weight: 2 },
      ],
      start: async () => {
        await restore(table, [])
        return { model: { now: startedAt / 1000, rows: {}, wrong: undefined }, real: { table } }
      },
      scheduled: (real, scheduler) => ({ table: scheduledTable(real.table, scheduler) }),
      stateOf,
      observe,
      givingWay: [],
    }),
    { runs: 8, length: 60 },
  )
})
