import { useState } from 'preact/hooks'
import { asFailure } from '../../client/failure.ts'
import type { Answer } from '../../client/operations.ts'
import { moveTo } from '../../client/session.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { Section } from '../../parts/page.tsx'
import { Tag } from '../../parts/small.tsx'
import { Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { texts } from '../../texts/en.ts'
import { SignInThere } from '../sign-in/other-organization.tsx'

const own = texts.account.places

type Place = Answer<'listOwnPlaces'>['places'][number]

/** The organizations of the user, and the way into another one. */
export const Places = () => {
  const me = useMe()
  const { organization } = me
  const loaded = useCall('listOwnPlaces', {})
  const [chosen, setChosen] = useState<Place | null>(null)
  const go = async (place: Place) => {
    try {
      await moveTo(place.organizationId)
    } catch (error) {
      // The sign-in says what is in the way.
      asFailure(error)
      setChosen(place)
    }
  }
  const isHere = ({ organizationId }: Place) => organizationId === organization.organizationId
  const isOpen = ({ status }: Place) => status === 'home' || status === 'guest'
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
              { title: own.place, cell: ({ status }) => texts.users.places[status] },
              {
                title: own.open,
                isUntitled: true,
                cell: (place) =>
                  isHere(place) ? (
                    <Tag look="good">{own.current}</Tag>
                  ) : isOpen(place) ? (
                    <Button label={own.openAt(place.organizationName)} onClick={() => void go(place)}>
                      {own.open}
                    </Button>
                  ) : null,
              },
            ]}
          />
        )}
      </Show>
      {chosen === null ? null : (
        <SignInThere
          me={me}
          organizationId={chosen.organizationId}
          name={chosen.organizationName}
          onClose={() => setChosen(null)}
        />
      )}
    </Section>
  )
}
