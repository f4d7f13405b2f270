import { useState } from 'preact/hooks'
import { plainApiOf } from '../../client/granted-rights.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { useChangeNames } from '../../parts/changes.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Facts, PageHeader, Section } from '../../parts/page.tsx'
import { Time } from '../../parts/small.tsx'
import { Loading, Show } from '../../parts/states.tsx'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { Caller } from './denials.tsx'
import { PreparedChange } from './prepared-change.tsx'
import type { Denial, Reason } from './remedy.ts'
import { reasonNow, remedyFor } from './remedy.ts'
import { Steps } from './steps.tsx'

const own = texts.denials

/** One refused request: each step of the decision with what it saw, and the change that would allow it. */
export const Screen = ({ params }: { readonly params: Readonly<Record<string, string>> }) => {
  const found = useCall('getDecision', { params: { requestId: params['requestId'] ?? '' } })
  const title = found.data === undefined ? own.one : own.reasons[found.data.reason].title
  return (
    <>
      <PageHeader title={title} back={{ href: hrefOf('/denials'), text: own.title }} />
      <Show loaded={found}>{(denial) => <One denial={denial} />}</Show>
    </>
  )
}

const One = ({ denial }: { readonly denial: Denial }) => {
  const { at, method, path, address, aid, apiId, decidedBy, requestId, subject, steps } = denial
  const names = useChangeNames(subject.keyId === null ? [] : [subject.keyId])
  if (names.isReading) return <Loading />
  return (
    <>
      <Facts
        facts={[
          [
            own.request,
            <code key="request">
              {method} {path}
            </code>,
          ],
          [own.at, <Time key="at" at={at} />],
          [own.caller, <Caller key="caller" subject={subject} />],
          [
            own.credential,
            subject.keyId === null ? (
              ''
            ) : (
              <bdi key="credential" title={subject.keyId}>
                {names.credential(subject.keyId)}
              </bdi>
            ),
          ],
          [own.address, address === '' ? '' : <code key="address">{address}</code>],
          [own.api, apiId === null ? texts.parts.noApi : names.api(apiId)],
          [own.accountGroup, aid === null ? '' : names.group(aid)],
          [own.decidedBy, own.deciders[decidedBy]],
          [own.requestId, <code key="id">{requestId}</code>],
        ]}
      />
      <Section
        title={own.stepsTitle}
        lead={own.stepsLead}
        actions={
          subject.userId === null ? undefined : (
            <a href={hrefOf('/explain', requestOf(denial))}>{own.explain}</a>
          )
        }
      >
        <Steps steps={steps} subject={subject} names={names} />
      </Section>
      <Section title={own.remedyTitle}>
        <Way denial={denial} />
      </Section>
    </>
  )
}

/** The request as the screen that explains one takes it. */
const requestOf = ({ subject: { userId, keyId }, ...denial }: Denial): Readonly<Record<string, string>> => ({
  ...(keyId === null ? { userId: userId ?? '' } : { keyId }),
  ...{ method: denial.method, path: denial.path, address: denial.address },
  ...{ api: denial.apiId ?? '', aid: String(denial.aid ?? '') },
})

/** What would allow the request, as things are now: they may have changed since it was refused. */
const Way = ({ denial }: { readonly denial: Denial }) => {
  const me = useMe()
  const [round, setRound] = useState(0)
  const { subject, method, path, address, aid, apiId } = denial
  const { userId, keyId } = subject
  const canAsk = userId !== null && address !== '' && apiId !== null
  const now = useCall(
    'explainAccess',
    canAsk
      ? {
          body: {
            ...(keyId === null ? { userId } : { keyId }),
            ...{ method, path, address, api: apiId },
            ...(aid === null ? {} : { aid }),
          },
        }
      : null,
  )
  const again = () => {
    setRound(round + 1)
    now.reload()
  }
  if (!canAsk) return <Advice reason={denial.reason} />
  return (
    <Show loaded={now}>
      {(explanation) => {
        const reason = reasonNow(denial.reason, explanation.reason)
        return reason === null ? (
          <Notice look="good">
            <p>{own.passesNow}</p>
          </Notice>
        ) : (
          <>
            {reason === denial.reason ? null : (
              <Notice look="warning">
                <p>{own.refusedNow(own.reasons[reason].title)}</p>
              </Notice>
            )}
            <Advice reason={reason} />
            {holds(me, { section: 'postern-users', level: 'read' }) ? (
              <Change key={round} denial={denial} reason={reason} api={explanation.api} onMade={again} />
            ) : null}
          </>
        )
      }}
    </Show>
  )
}

const Advice = ({ reason }: { readonly reason: Reason }) => <p>{own.reasons[reason].advice}</p>

const Change = ({
  denial,
  reason,
  api,
  onMade,
}: {
  readonly denial: Denial
  readonly reason: Reason
  /** The name of the API. */
  readonly api: string
  readonly onMade: () => void
}) => {
  const me = useMe()
  const { userId } = denial.subject
  const isAboutGrants = reason === 'permission_not_granted'
  const user = useCall('getUser', userId === null ? null : { params: { userId } })
  const sections = useCall('listSections', isAboutGrants ? {} : null)
  const apis = useCall('listApis', isAboutGrants ? {} : null)
  if (user.data === undefined) return user.failure === null ? null : <Show loaded={user}>{() => null}</Show>
  if (isAboutGrants && (sections.data === undefined || apis.data === undefined))
    return sections.failure === null ? null : <Show loaded={sections}>{() => null}</Show>
  const remedy = remedyFor(reason, denial, {
    user: user.data.user,
    sections: sections.data?.sections ?? [],
    api: api === 'postern' ? null : api,
    plainApi: plainApiOf(apis.data?.apis ?? [], me.organization.organizationId),
  })
  if (remedy === null) return null
  return <PreparedChange remedy={remedy} user={user.data.user} onMade={onMade} />
}
