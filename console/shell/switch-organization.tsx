import { useState } from 'preact/hooks'
import { asFailure } from '../client/failure.ts'
import type { Answer } from '../client/operations.ts'
import type { Me } from '../client/session.ts'
import { moveTo } from '../client/session.ts'
import { useCall } from '../client/use-call.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Show } from '../parts/states.tsx'
import { useClosedByStep } from '../router.ts'
import { SignInThere } from '../screens/sign-in/other-organization.tsx'
import { texts } from '../texts/en.ts'

type Place = Answer<'listOwnPlaces'>['places'][number]

/** The other organizations in which the user has a place, and the way there. */
export const SwitchOrganization = ({ me, onClose }: { readonly me: Me; readonly onClose: () => void }) => {
  useClosedByStep(onClose)
  const loaded = useCall('listOwnPlaces', {})
  const [refused, setRefused] = useState<Place | null>(null)
  const move = async (place: Place) => {
    try {
      await moveTo(place.organizationId)
    } catch (error) {
      // The sign-in says what is in the way.
      asFailure(error)
      setRefused(place)
    }
  }
  if (refused !== null)
    return (
      <SignInThere
        me={me}
        organizationId={refused.organizationId}
        name={refused.organizationName}
        onClose={onClose}
      />
    )
  return (
    <Dialog title={texts.shell.switch} onClose={onClose}>
      <Show loaded={loaded}>
        {({ places }) => {
          const others = places.filter(
            ({ organizationId, status }) =>
              organizationId !== me.organization.organizationId && (status === 'home' || status === 'guest'),
          )
          return others.length === 0 ? (
            <p>{texts.shell.switchNone}</p>
          ) : (
            <ul class="chosen">
              {others.map((place) => (
                <li key={place.organizationId}>
                  <span>
                    <bdi>{place.organizationName}</bdi>{' '}
                    <span class="second">{texts.users.places[place.status]}</span>
                  </span>
                  <Button
                    label={texts.account.places.openAt(place.organizationName)}
                    onClick={() => void move(place)}
                  >
                    {texts.account.places.open}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }}
      </Show>
    </Dialog>
  )
}
