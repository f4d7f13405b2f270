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

type Membership = Answer<'listOwnMemberships'>['memberships'][number]

/** The other organizations of the user, with a button to switch to each. */
export const SwitchOrganization = ({ me, onClose }: { readonly me: Me; readonly onClose: () => void }) => {
  useClosedByStep(onClose)
  const loaded = useCall('listOwnMemberships', {})
  const [refused, setRefused] = useState<Membership | null>(null)
  const move = async (membership: Membership) => {
    try {
      await moveTo(membership.organizationId)
    } catch (error) {
      // The sign-in says what is in the way.
      asFailure(error)
      setRefused(membership)
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
        {({ memberships }) => {
          const others = memberships.filter(
            ({ organizationId, status }) =>
              organizationId !== me.organization.organizationId && (status === 'home' || status === 'guest'),
          )
          return others.length === 0 ? (
            <p>{texts.shell.switchNone}</p>
          ) : (
            <ul class="chosen">
              {others.map((membership) => (
                <li key={membership.organizationId}>
                  <span>
                    <bdi>{membership.organizationName}</bdi>{' '}
                    <span class="second">{texts.users.memberships[membership.status]}</span>
                  </span>
                  <Button
                    label={texts.account.memberships.openAt(membership.organizationName)}
                    onClick={() => void move(membership)}
                  >
                    {texts.account.memberships.open}
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
