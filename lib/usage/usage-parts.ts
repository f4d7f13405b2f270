import type { OrganizationId } from '../secrets/key-id.ts'
import { usageKeptDays } from './stored-usage.ts'
import type { UsageCount, UsageQuery } from './usage-endpoints.ts'

/** @property hour as in `UsageRow`. */
export type HourlyCount = Omit<UsageCount, 'from'> & { readonly hour: string }

/** Counts of whole hours, in the order of the hours. */
export type UsagePart = {
  readonly counts: readonly HourlyCount[]
  /** In milliseconds since 1970: nothing is left to read of the hours before. */
  readonly until: number
}

/** The counts of a day from an hour on. The last part ends with the day. */
export type ReadUsageDay = (organizationId: OrganizationId, firstHour: string) => AsyncIterable<UsagePart>

/** Whole hours, in milliseconds since 1970; `to` is the end of the last one. */
export type UsageSpan = { readonly from: number; readonly to: number }

export const hourMilliseconds = 3_600_000
export const dayMilliseconds = 24 * hourMilliseconds
const defaultDays = 7

/** `2026-11-21T09`, UTC. */
export const hourOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 13)
/** @param text begins with an hour, in UTC */
export const startOfHour = (text: string): number => Date.parse(`${text.slice(0, 13)}:00:00Z`)

const wholeHours = (milliseconds: number): number => Math.floor(milliseconds / hourMilliseconds)

/** The hours that share a moment with the time that was asked for, and of which no row has expired. */
export const spanOf = (query: Pick<UsageQuery, 'from' | 'to'>, now: number): UsageSpan => {
  const latest = (wholeHours(now) + 1) * hourMilliseconds
  const earliest = latest - usageKeptDays * dayMilliseconds
  const end = query.to === undefined ? latest : Date.parse(query.to)
  const to = Math.min(Math.ceil(end / hourMilliseconds) * hourMilliseconds, latest)
  const from =
    query.from === undefined
      ? Math.min(now, to) - defaultDays * dayMilliseconds
      : wholeHours(Date.parse(query.from)) * hourMilliseconds
  return { from: Math.max(wholeHours(from) * hourMilliseconds, earliest), to }
}

/** The parts of a span, in the order of time. Reads no further than it is asked to. */
export async function* partsOf(
  readUsageDay: ReadUsageDay,
  organizationId: OrganizationId,
  { from, to }: UsageSpan,
): AsyncGenerator<UsagePart> {
  let at = from
  while (at < to)
    for await (const { counts, until } of readUsageDay(organizationId, hourOf(at))) {
      yield until <= to
        ? { counts, until }
        : { counts: counts.filter(({ hour }) => startOfHour(hour) < to), until: to }
      at = until
      if (at >= to) return
    }
}

/** Does the query ask for it, apart from the time? */
export const isWanted =
  (query: Pick<UsageQuery, 'userId' | 'credential' | 'api'>) =>
  ({ userId, credential, api }: HourlyCount): boolean =>
    (query.userId ?? userId) === userId &&
    (query.credential ?? credential) === credential &&
    (query.api ?? api) === api
