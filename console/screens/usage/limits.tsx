import { callForFile } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { useCall, useLoaded } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Section } from '../../parts/page.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.usage

/** How much of each limit is used. `busiest`: requests to protected APIs in a minute of the busiest hour shown. */
export const Limits = ({ busiest }: { readonly busiest: number }) => {
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
            count={busiest}
            limit={organization.protectedApiRateLimitPerMinute}
          />
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
