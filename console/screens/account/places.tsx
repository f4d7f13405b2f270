import { useState } from 'preact/hooks'
import type { Answer } from '../../client/operations.ts'
import { signIn } from '../../client/session.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { PasswordField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Section } from '../../parts/page.tsx'
import { Tag } from '../../parts/small.tsx'
import { Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.account.places

type Place = Answer<'listOwnPlaces'>['places'][number]

/** The organizations of the user, and the way into another one. */
export const Places = () => {
  const { organization } = useMe()
  const loaded = useCall('listOwnPlaces', {})
  const [chosen, setChosen] = useState<Place | null>(null)
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
                    <Button label={own.openAt(place.organizationName)} onClick={() => setChosen(place)}>
                      {own.open}
                    </Button>
                  ) : null,
              },
            ]}
          />
        )}
      </Show>
      {chosen === null ? null : <SignInThere place={chosen} onClose={() => setChosen(null)} />}
    </Section>
  )
}

const SignInThere = ({ place, onClose }: { readonly place: Place; readonly onClose: () => void }) => {
  const { user } = useMe()
  const [password, setPassword] = useState('')
  const { organizationId, organizationName } = place
  const send = async () => {
    await signIn({ username: user.username, password, organizationId })
    // What is on the screen belongs to the other organization.
    window.location.assign('/console')
  }
  return (
    <FormDialog title={own.openAt(organizationName)} onClose={onClose} submit={own.open} onSubmit={send}>
      <PasswordField
        label={texts.signIn.password}
        name="password"
        value={password}
        onInput={setPassword}
        isFirst
      />
    </FormDialog>
  )
}
