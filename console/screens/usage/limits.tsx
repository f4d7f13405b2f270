import { callForFile } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { useCall, useLoaded } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { useUsers } from '../../client/use-names.ts'
import { Section } from '../../parts/page.tsx'
import { texts } from '../../texts/en.ts'
import { useDescriptions } from './descriptions.tsx'
import type { Unit, UsageCount } from './series.ts'
import { busiestMinute } from './series.ts'

const own = texts.usage
const mostCredentials = 8

/** How much of each limit is used. Of one user also its own limit, and how much of that each of its credentials takes. */
export const Limits = ({
  rows,
  unit,
  userId,
}: {
  readonly rows: readonly UsageCount[]
  readonly unit: Unit
  readonly userId: string | undefined
}) => {
  const ofOne = userId === undefined ? [] : rows.filter((row) => row.userId === userId)
  const credentials = [...new Set(ofOne.map(({ credential }) => credential))].slice(0, mostCredentials)
  const user = useUsers(userId === undefined ? [] : [userId]).of(userId ?? '')
  const describe = useDescriptions('credential', credentials, ofOne)

  const mayRead = holds(useMe(), { section: 'postern-organization', level: 'read' })
  const organization = useCall('getOrganization', mayRead ? {} : null).data?.organization
  const ownApi = useLoaded('this minute', thisMinute)
  return (
    <Section title={own.limitsTitle} lead={own.limitsLead}>
      <div class="gauges">
        {ownApi.data === undefined ? null : <Gauge name={own.ownApi} {...ownApi.data} />}
        {organization === undefined ? null : (
          <Gauge
            name={own.protectedApis}
            count={busiestMinute(rows, unit)}
            limit={organization.protectedApiRateLimitPerMinute}
          />
        )}
        {user === undefined || user === 'gone' ? null : (
          <>
            <Gauge
              name={own.limitOf(user.username)}
              count={busiestMinute(ofOne, unit)}
              limit={user.rateLimitPerMinute}
            />
            {credentials.map((credential) => (
              <Gauge
                key={credential}
                name={own.limitOf(describe(credential).text)}
                count={busiestMinute(
                  ofOne.filter((row) => row.credential === credential),
                  unit,
                )}
                limit={user.rateLimitPerMinute}
              />
            ))}
          </>
        )}
      </div>
    </Section>
  )
}

/** Every answer says how much of the minute is left. */
const thisMinute = async (): Promise<{ count: number; limit: number | null }> => {
  const { headers } = await callForFile('getOwnUser', {})
  const limit = Number(headers.get('x-organization-rate-limit-limit'))
  const left = Number(headers.get('x-organization-rate-limit-remaining'))
  return limit === 0 ? { count: 0, limit: null } : { count: limit - left, limit }
}

const Gauge = ({
  name,
  count,
  limit,
}: {
  readonly name: string
  readonly count: number
  readonly limit: number | null
}) => (
  <div class="gauge">
    <strong>{name}</strong>
    {limit === null ? (
      <p>
        {count.toLocaleString('en')}; {own.noLimit}
      </p>
    ) : (
      <>
        <meter aria-label={name} min={0} max={limit} high={limit * 0.8} optimum={0} value={count} />
        <p>{own.of(count, limit)}</p>
      </>
    )}
  </div>
)
