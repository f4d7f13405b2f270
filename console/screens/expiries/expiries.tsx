import type { Answer } from '../../client/operations.ts'
import { saveCsv } from '../../client/save-file.ts'
import { useCall } from '../../client/use-call.ts'
import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { Time } from '../../parts/small.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { Month } from './month.ts'
import { dayOf, monthsBetween } from './month.ts'

const own = texts.expiries
/** The most that the API looks ahead. */
const daysAhead = 60
const shownOnDay = 3

type Expiring = Answer<'listExpiringCredentials'>['credentials'][number]

/** Keys and tokens that expire soon: a calendar, and the same as a table. */
export const Screen = () => {
  const found = useCall('listExpiringCredentials', { query: { days: daysAhead } })
  const credentials = found.data?.credentials ?? []
  return (
    <>
      <PageHeader
        title={own.title}
        lead={own.lead(daysAhead)}
        actions={
          credentials.length === 0 ? undefined : <Button onClick={() => save(credentials)}>{own.csv}</Button>
        }
      />
      <Show loaded={found}>
        {({ credentials, more }) =>
          credentials.length === 0 ? (
            <Empty title={own.noneTitle}>
              <p>{own.none}</p>
            </Empty>
          ) : (
            <>
              {more ? (
                <Notice>
                  <p>{own.more}</p>
                </Notice>
              ) : null}
              <Calendar credentials={credentials} />
              <List credentials={credentials} />
            </>
          )
        }
      </Show>
    </>
  )
}

const hrefOfUser = (userId: string) => hrefOf(`/users/${userId}`, { tab: 'credentials' })

const Calendar = ({ credentials }: { readonly credentials: readonly Expiring[] }) => {
  const byDay = Map.groupBy(credentials, ({ expiresAt }) => dayOf(new Date(expiresAt)))
  const today = new Date()
  const last = new Date(credentials.at(-1)?.expiresAt ?? today)
  return (
    <div class="calendar">
      {monthsBetween(today, last).map((month) => (
        <MonthTable key={month.start.toISOString()} month={month} byDay={byDay} today={dayOf(today)} />
      ))}
    </div>
  )
}

const monthName = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric' })
const dayName = new Intl.DateTimeFormat(undefined, { weekday: 'short' })
const fullDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' })
// 5 January 2026 is a Monday.
const weekdays = Array.from({ length: 7 }, (_, index) => dayName.format(new Date(2026, 0, 5 + index)))

const MonthTable = ({
  month,
  byDay,
  today,
}: {
  readonly month: Month
  readonly byDay: ReadonlyMap<string, readonly Expiring[]>
  readonly today: string
}) => (
  <table class="month">
    <caption>{monthName.format(month.start)}</caption>
    <thead>
      <tr>
        {weekdays.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {month.weeks.map((week) => (
        <tr key={week.find((day) => day !== null)?.toISOString()}>
          {week.map((day, index) =>
            day === null ? (
              <td key={weekdays[index]} />
            ) : (
              <Day
                key={weekdays[index]}
                day={day}
                isToday={dayOf(day) === today}
                expiring={byDay.get(dayOf(day)) ?? []}
              />
            ),
          )}
        </tr>
      ))}
    </tbody>
  </table>
)

const Day = ({
  day,
  isToday,
  expiring,
}: {
  readonly day: Date
  readonly isToday: boolean
  readonly expiring: readonly Expiring[]
}) => (
  <td class={expiring.length > 0 ? 'busy' : undefined} aria-current={isToday ? 'date' : undefined}>
    <span class="date">{day.getDate()}</span>
    {isToday ? <span class="hidden">{own.today}</span> : null}
    {expiring.length === 0 ? null : (
      <ul aria-label={own.day(expiring.length, fullDay.format(day))}>
        {expiring.slice(0, shownOnDay).map(({ keyId, userId, username }) => (
          <li key={keyId}>
            <a href={hrefOfUser(userId)}>{username}</a>
          </li>
        ))}
        {expiring.length > shownOnDay ? <li>{own.moreOnDay(expiring.length - shownOnDay)}</li> : null}
      </ul>
    )}
  </td>
)

const List = ({ credentials }: { readonly credentials: readonly Expiring[] }) => (
  <Table
    caption={own.table}
    rows={credentials}
    keyOf={({ keyId }) => keyId}
    columns={[
      {
        title: own.user,
        cell: ({ userId, username }) => <a href={hrefOfUser(userId)}>{username}</a>,
      },
      {
        title: own.expires,
        cell: ({ expiresAt }) => (
          <>
            <Time at={expiresAt} />{' '}
            <span class="second">
              <Time at={expiresAt} form="distance" />
            </span>
          </>
        ),
      },
      {
        title: own.credential,
        cell: ({ keyId, name }) => (
          <>
            {name === '' ? null : <span>{name}</span>} <code class="second">{keyId}</code>
          </>
        ),
      },
      { title: own.kind, cell: ({ kind }) => own.kinds[kind] },
      {
        title: own.lastUsed,
        cell: ({ lastUsedAt }) =>
          lastUsedAt === null ? (
            <span class="muted">{own.never}</span>
          ) : (
            <Time at={lastUsedAt} form="distance" />
          ),
      },
    ]}
  />
)

const save = (credentials: readonly Expiring[]) =>
  saveCsv(
    'expiries',
    ['expiresAt', 'userId', 'username', 'keyId', 'kind', 'name', 'lastUsedAt'],
    credentials.map((row) => [
      ...[row.expiresAt, row.userId, row.username, row.keyId, row.kind, row.name, row.lastUsedAt],
    ]),
  )
