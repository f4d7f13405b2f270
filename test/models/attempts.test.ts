import * as fc from 'fast-check'
import { beforeAll, describe } from 'vitest'
import {
  failAttempt,
  forgetFailures,
  reserveAttempt,
  returnAttempt,
  succeedAttempt,
} from '../../lib/limits/reservation-store.ts'
import { spendOnce } from '../../lib/limits/spend-once-store.ts'
import type { InARowRule, ReservedAttempt, ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { throttleSubject } from '../../lib/limits/throttle-rule.ts'
import { countAttempt, uncountAttempt } from '../../lib/limits/throttle-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import type { Draw } from './check-model.ts'
import { agreesWithModel } from './check-model.ts'
import { restore, scheduledTable, startedAt } from './table-scene.ts'

const most = 3
const windowSeconds = 900
/** After that long nobody comes back with an attempt: whatever was under way goes to the next who asks. */
const longestUnderWay = 15

const inARow: InARowRule = { name: 'in a row', attempts: most, windowSeconds: null }
const reserved: ThrottleRule = { name: 'reserved', attempts: most, windowSeconds }
const counted: ThrottleRule = { name: 'counted', attempts: most, windowSeconds }
const spent: ThrottleRule = { name: 'spent', attempts: most, windowSeconds }
const rules = [inARow, reserved, counted, spent]
const subjects = ['one', 'other']

type UnderWay = { readonly id: string; readonly since: number }
type Row = { underWay: UnderWay[]; failed: number; count: number; ids: string[]; until: number }
/** Naive: what each row of counted attempts must hold. Times in whole seconds. */
type Model = {
  now: number
  readonly rows: Record<string, Row>
  /** Every attempt that was ever taken. */
  readonly taken: ReservedAttempt[]
}
type Real = { readonly table: Table }

const windowOf = (rule: ThrottleRule | InARowRule, seconds: number): number | null =>
  rule.windowSeconds === null ? null : Math.floor(seconds / windowSeconds) * windowSeconds
const rowName = (rule: ThrottleRule | InARowRule, subject: string, seconds: number): string =>
  `${rule.name}, ${subject}, ${windowOf(rule, seconds) ?? 'ever'}`

const rowIn = (model: Model, name: string): Row => {
  model.rows[name] ??= { underWay: [], failed: 0, count: 0, ids: [], until: 0 }
  return model.rows[name]
}

const yearAndADay = 366 * 86_400
const lasts = (row: Row, rule: ThrottleRule | InARowRule, seconds: number): void => {
  row.until = (windowOf(rule, seconds) ?? seconds + yearAndADay - windowSeconds) + windowSeconds
}

const take = (model: Model, attempt: ReservedAttempt): string => {
  const { rule, subject, id } = attempt
  const seconds = attempt.at / 1000
  const name = rowName(rule, subject, seconds)
  const { underWay = [], failed = 0 } = model.rows[name] ?? {}
  const isFull = underWay.length + failed >= most
  const alive = isFull ? underWay.filter(({ since }) => seconds - since <= longestUnderWay) : underWay
  if (model.rows[name] !== undefined) model.rows[name].underWay = alive
  if (alive.length + failed < most) {
    const row = rowIn(model, name)
    row.underWay.push({ id, since: seconds })
    lasts(row, rule, seconds)
    return 'reserved'
  }
  if (failed >= most) return 'spent'
  return `under way since ${Math.min(seconds, ...alive.map(({ since }) => since))}`
}

const settle = (model: Model, { rule, subject, at, id }: ReservedAttempt, end: End): void => {
  const row = model.rows[rowName(rule, subject, at / 1000)]
  if (row === undefined) return
  const before = row.underWay.length
  row.underWay = row.underWay.filter((one) => one.id !== id)
  if (end === 'fails' && row.underWay.length < before) row.failed += 1
  if (end === 'succeeds' && rule.windowSeconds === null) row.failed = 0
}

type End = 'fails' | 'comes back' | 'succeeds'
const ends = { fails: failAttempt, 'comes back': returnAttempt, succeeds: succeedAttempt }

type DrawHere = Draw<Model, Real>
const which = fc.nat(1000)
const anySubject = fc.constantFrom(...subjects)
/** Clients whose clocks differ. */
const ahead = fc.constantFrom(0, 0, 0, 5, 20)
const done = (deed: (real: Real) => Promise<string>) => () => Promise.resolve(deed)

const taking = fc.record({ rule: fc.constantFrom(inARow, inARow, reserved), subject: anySubject, ahead }).map(
  ({ rule, subject, ahead }): DrawHere =>
    (state, fresh) => {
      const attempt: ReservedAttempt = { rule, subject, at: (state.now + ahead) * 1000, id: fresh() }
      return {
        // Two whose clocks differ may disagree on what is lost: then either of them gets it.
        ...(ahead === 0 ? {} : { isAlone: true as const }),
        said: `${attempt.id} taken ${rule.name} of ${subject}${ahead === 0 ? '' : `, ${ahead} s ahead`}`,
        expected: (after) => {
          after.taken.push(attempt)
          return take(after, attempt)
        },
        admit: done(async ({ table }) => {
          const outcome = await reserveAttempt(table, attempt)
          return typeof outcome === 'string' ? outcome : `under way since ${outcome.underWaySinceSeconds}`
        }),
      }
    },
)

/** The SDK sends a request again whose answer was lost. */
const repeating = which.map(
  (at): DrawHere =>
    (state) => {
      const underWay = Object.values(state.rows).flatMap((row) => row.underWay.map(({ id }) => id))
      const attempts = state.taken.filter(({ id }) => underWay.includes(id))
      const attempt = attempts[at % attempts.length]
      if (attempt === undefined) return undefined
      return {
        said: `${attempt.id} taken once more`,
        isAlone: true,
        expected: () => 'reserved',
        admit: done(async ({ table }) => String(await reserveAttempt(table, attempt))),
      }
    },
)

const settling = fc
  .record({ at: which, end: fc.constantFrom<End[]>('fails', 'fails', 'comes back', 'succeeds') })
  .map(
    ({ at, end }): DrawHere =>
      (state) => {
        // Any of the last few, also one that is settled already or was given up for lost.
        const recent = state.taken.slice(-8)
        const attempt = recent[at % recent.length]
        if (attempt === undefined) return undefined
        return {
          said: `${attempt.id} ${end}`,
          expected: (after) => {
            settle(after, attempt, end)
            return 'ok'
          },
          admit: done(async ({ table }) => {
            await ends[end](table, attempt)
            return 'ok'
          }),
        }
      },
  )

const forgetting = anySubject.map(
  (subject): DrawHere =>
    () => ({
      said: `failures of ${subject} forgotten`,
      expected: (after) => {
        const row = after.rows[rowName(inARow, subject, 0)]
        if (row !== undefined) row.failed = 0
        return 'ok'
      },
      admit: done(async ({ table }) => {
        await forgetFailures(table, { rule: inARow, subject })
        return 'ok'
      }),
    }),
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
          lasts(row, counted, now)
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
        lasts(row, spent, now)
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
    (await allItems(table)).map(({ pk, sk, attempts, failed, underWay, spentBy, expiresAtSeconds }) => [
      `${namesInTable.get(String(pk))}, ${sk === 'IN_A_ROW' ? 'ever' : sk}`,
      {
        attempts: attempts ?? 0,
        failed: failed ?? 0,
        underWay: textsIn(underWay),
        ids: textsIn(spentBy),
        until: expiresAtSeconds,
      },
    ]),
  )

const stateOf = ({ rows }: Model) =>
  Object.fromEntries(
    Object.entries(rows).map(([name, { underWay, failed, count, ids, until }]) => [
      name,
      {
        // Never more under way and failed together than the rule allows.
        attempts: underWay.length + failed + count,
        failed,
        underWay: underWay.map(({ id, since }) => `${since}-${id}`).sort(),
        ids,
        until,
      },
    ]),
  )

let table: Table
beforeAll(async () => {
  table = await freshTable()
})

describe('attempts that are reserved, counted and spent', () => {
  agreesWithModel<Model, Real>(
    () => ({
      deeds: [
        { arbitrary: taking, weight: 8 },
        { arbitrary: repeating, weight: 1 },
        { arbitrary: settling, weight: 7 },
        { arbitrary: forgetting, weight: 1 },
        { arbitrary: counting, weight: 2 },
        { arbitrary: spending, weight: 3 },
        { arbitrary: waiting, weight: 2 },
      ],
      start: async () => {
        await restore(table, [])
        return { model: { now: startedAt / 1000, rows: {}, taken: [] }, real: { table } }
      },
      scheduled: (real, scheduler) => ({ table: scheduledTable(real.table, scheduler) }),
      stateOf,
      observe,
      givingWay: [],
    }),
    { runs: 25, length: 60 },
  )
})
