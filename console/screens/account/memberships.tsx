import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { asFailure } from '../../client/failure.ts'
import type { Answer } from '../../client/operations.ts'
import { moveTo } from '../../client/session.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Section } from '../../parts/page.tsx'
import { Tag, Time } from '../../parts/small.tsx'
import { Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { SignInThere } from '../sign-in/other-organization.tsx'

const own = texts.account.memberships

type Membership = Answer<'listOwnMemberships'>['memberships'][number]
type Deed = 'open' | 'accept' | 'leave' | 'decline'
type Doing = { readonly what: Deed; readonly membership: Membership }

/** The organizations of the user, the way into another one and out of it, and invitations. */
export const Memberships = () => {
  const me = useMe()
  const { organization } = me
  const loaded = useCall('listOwnMemberships', {})
  const [doing, setDoing] = useState<Doing | null>(null)
  const close = () => setDoing(null)
  const begin = async (what: Deed, membership: Membership) => {
    if (what !== 'open') return setDoing({ what, membership })
    try {
      await moveTo(membership.organizationId)
    } catch (error) {
      // The sign-in says what is in the way.
      asFailure(error)
      setDoing({ what, membership })
    }
  }
  const isHere = ({ organizationId }: Membership) => organizationId === organization.organizationId
  return (
    <Section title={own.title} lead={own.lead}>
      <Show loaded={loaded}>
        {({ memberships }) => (
          <Table
            caption={own.title}
            rows={memberships}
            keyOf={({ organizationId }) => organizationId}
            columns={[
              { title: own.name, cell: ({ organizationName }) => organizationName },
              {
                title: own.membership,
                cell: ({ status, invitedUntil }) => (
                  <>
                    {texts.users.memberships[status]}
                    {invitedUntil === null ? null : (
                      <span class="second">
                        {own.until} <Time at={invitedUntil} />
                      </span>
                    )}
                  </>
                ),
              },
              {
                title: texts.parts.actions,
                isUntitled: true,
                cell: (membership) => (
                  <div class="actions">
                    {isHere(membership) ? <Tag look="good">{own.current}</Tag> : null}
                    {deedsAt(membership, isHere(membership)).map((what) => (
                      <Button
                        key={what}
                        label={own[`${what}At`](membership.organizationName)}
                        onClick={() => void begin(what, membership)}
                      >
                        {own[what]}
                      </Button>
                    ))}
                  </div>
                ),
              },
            ]}
          />
        )}
      </Show>
      {doing === null ? null : doing.what === 'open' ? (
        <SignInThere
          me={me}
          organizationId={doing.membership.organizationId}
          name={doing.membership.organizationName}
          onClose={close}
        />
      ) : (
        <Ask
          what={doing.what}
          membership={doing.membership}
          onClose={close}
          onDone={async () => {
            // The session belonged to the membership that has ended.
            if (isHere(doing.membership)) return window.location.assign('/console')
            close()
            await loaded.reload()
          }}
        />
      )}
    </Section>
  )
}

const Ask = ({
  what,
  membership: { organizationId, organizationName },
  onClose,
  onDone,
}: {
  readonly what: Exclude<Deed, 'open'>
  readonly membership: Membership
  readonly onClose: () => void
  readonly onDone: () => Promise<void>
}) => (
  <FormDialog
    title={own[`${what}At`](organizationName)}
    submit={own[what]}
    look={what === 'accept' ? 'primary' : 'danger'}
    onClose={onClose}
    onSubmit={async () => {
      await call(what === 'accept' ? 'acceptOwnInvitation' : 'leaveOrganization', {
        params: { organizationId },
      })
      toast(own.did[what](organizationName))
      await onDone()
    }}
  >
    <p>{own.effect[what]}</p>
  </FormDialog>
)

const deedsAt = ({ status }: Membership, isHere: boolean): readonly Deed[] => [
  ...(status === 'invited' ? (['accept', 'decline'] as const) : []),
  ...(!isHere && (status === 'home' || status === 'guest') ? (['open'] as const) : []),
  ...(status === 'guest' || status === 'suspended' ? (['leave'] as const) : []),
]
