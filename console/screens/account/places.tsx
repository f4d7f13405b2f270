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

const own = texts.account.places

type Place = Answer<'listOwnPlaces'>['places'][number]
type Deed = 'open' | 'accept' | 'leave' | 'decline'
type Doing = { readonly what: Deed; readonly place: Place }

/** The organizations of the user, the way into another one and out of it, and invitations. */
export const Places = () => {
  const me = useMe()
  const { organization } = me
  const loaded = useCall('listOwnPlaces', {})
  const [doing, setDoing] = useState<Doing | null>(null)
  const close = () => setDoing(null)
  const begin = async (what: Deed, place: Place) => {
    if (what !== 'open') return setDoing({ what, place })
    try {
      await moveTo(place.organizationId)
    } catch (error) {
      // The sign-in says what is in the way.
      asFailure(error)
      setDoing({ what, place })
    }
  }
  const isHere = ({ organizationId }: Place) => organizationId === organization.organizationId
  return (
    <Section title={own.title} lead={own.lead}>
      <Show loaded={loaded}>
        {({ places }) => (
          <Table
            caption={own.title}
            rows={places}
            keyOf={({ organizationId }) => organizationId}
            columns={[
              { title: own.name, cell: ({ organizationName }) => organizationName },
              {
                title: own.place,
                cell: ({ status, invitedUntil }) => (
                  <>
                    {texts.users.places[status]}
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
                cell: (place) => (
                  <div class="actions">
                    {isHere(place) ? <Tag look="good">{own.current}</Tag> : null}
                    {deedsAt(place, isHere(place)).map((what) => (
                      <Button
                        key={what}
                        label={own[`${what}At`](place.organizationName)}
                        onClick={() => void begin(what, place)}
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
          organizationId={doing.place.organizationId}
          name={doing.place.organizationName}
          onClose={close}
        />
      ) : (
        <Ask
          what={doing.what}
          place={doing.place}
          onClose={close}
          onDone={async () => {
            // The session was in the place that is gone.
            if (isHere(doing.place)) return window.location.assign('/console')
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
  place: { organizationId, organizationName },
  onClose,
  onDone,
}: {
  readonly what: Exclude<Deed, 'open'>
  readonly place: Place
  readonly onClose: () => void
  readonly onDone: () => Promise<void>
}) => (
  <FormDialog
    title={own[`${what}At`](organizationName)}
    submit={own[what]}
    look={what === 'accept' ? 'primary' : 'danger'}
    onClose={onClose}
    onSubmit={async () => {
      await call(what === 'accept' ? 'acceptPlace' : 'leavePlace', { params: { organizationId } })
      toast(own.did[what], organizationName)
      await onDone()
    }}
  >
    <p>{own.effect[what]}</p>
  </FormDialog>
)

const deedsAt = ({ status }: Place, isHere: boolean): readonly Deed[] => [
  ...(status === 'invited' ? (['accept', 'decline'] as const) : []),
  ...(!isHere && (status === 'home' || status === 'guest') ? (['open'] as const) : []),
  ...(status === 'guest' || status === 'asleep' ? (['leave'] as const) : []),
]
