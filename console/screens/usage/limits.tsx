import { callForFile } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { useCall, useLoaded } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { useUsers } from '../../client/use-names.ts'
import { Section } from '../../parts/page.tsx'
import { texts } from '../../texts/en.ts'
import { useDescriptions } from './descriptions.tsx'
import type { Picture } from './series.ts'
import { busiestHourOf, perMinute, seriesOf } from './series.ts'
import type { Asked } from './use-picture.ts'

const own = texts.usage
const mostCredentials = 8

/**
 * How much of each limit is used. Of one user its own limit, and how much of that each of its credentials takes. Shows no limit of which
 * the picture has only a part.
 */
export const Limits = ({ picture, asked }: { readonly picture: Picture; readonly asked: Asked }) => {
  const { userId, credential, api } = asked
  const isOfAllApis = credential === undefined && api === undefined
  const isOfUser = userId !== undefined && isOfAllApis
  const credentials = isOfUser
    ? seriesOf(picture, 'credential', mostCredentials + 1).flatMap(({ key, busiestHour }) =>
        key === null || busiestHour === null ? [] : [{ key, busiestHour }],
      )
    : []
  const user = useUsers(isOfUser ? [userId] : []).of(userId ?? '')
  const describe = useDescriptions(
    'credential',
    credentials.map(({ key }) => key),
  )

  const mayRead = holds(useMe(), { section: 'postern-organization', level: 'read' })
  const organization = useCall('getOrganization', mayRead ? {} : null).data?.organization
  const ownApi = useLoaded('this minute', thisMinute)
  const busiest = perMinute(busiestHourOf(picture))
  return (
    <Section title={own.limitsTitle} lead={own.limitsLead}>
      <div class="gauges">
        {ownApi.data === undefined ? null : <Gauge name={own.ownApi} {...ownApi.data} />}
        {organization === undefined || userId !== undefined || !isOfAllApis ? null : (
          <Gauge
            name={own.protectedApis}
            count={busiest}
            limit={organization.protectedApiRateLimitPerMinute}
          />
        )}
        {!isOfUser || user === undefined || user === 'gone' ? null : (
          <>
            <Gauge name={own.limitOf(user.username)} count={busiest} limit={user.rateLimitPerMinute} />
            {credentials.map(({ key, busiestHour }) => (
              <Gauge
                key={key}
                name={own.limitOf(describe(key).text)}
                count={perMinute(busiestHour)}
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
