import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Section } from '../../parts/page.tsx'
import { Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { factorColumns } from '../second-factors/factor-columns.tsx'
import type { User } from './shown-user.ts'

const own = texts.user.factors
const shared = texts.secondFactors

/** The second factors of a user, for administrators: which there are, and the way out for somebody who lost them. */
export const Factors = ({ user }: { readonly user: User }) => {
  const me = useMe()
  const params = { userId: user.userId }
  const loaded = useCall('listSecondFactors', { params })
  const [isAsking, setIsAsking] = useState(false)
  const mayReset =
    user.userId !== me.user.userId && holds(me, { section: 'postern-credentials', level: 'write' })
  const reset = async () => {
    await call('resetSecondFactors', { params })
    toast(own.done(user.username))
    setIsAsking(false)
    void loaded.reload()
  }
  const count = loaded.data?.secondFactors.length ?? 0
  return (
    <Section
      title={shared.title}
      lead={count === 0 ? undefined : own.codesLeft(loaded.data?.recoveryCodesLeft ?? 0)}
      actions={
        mayReset && count > 0 ? <Button onClick={() => setIsAsking(true)}>{own.reset}</Button> : undefined
      }
    >
      <Show loaded={loaded}>
        {({ secondFactors }) =>
          secondFactors.length === 0 ? (
            <p>{own.none}</p>
          ) : (
            <Table
              caption={shared.title}
              columns={factorColumns}
              rows={secondFactors}
              keyOf={({ factorId }) => factorId}
            />
          )
        }
      </Show>
      {isAsking ? (
        <FormDialog
          title={own.ask(user.username)}
          submit={own.reset}
          look="danger"
          onSubmit={reset}
          onClose={() => setIsAsking(false)}
        >
          <ul>
            {own.effects.map((effect) => (
              <li key={effect}>{effect}</li>
            ))}
            {user.guestMemberships === 0 ? null : <li>{own.membershipsSuspended(user.guestMemberships)}</li>}
            <li>{user.email !== null && user.emailVerified ? own.mail(user.email) : own.noMail}</li>
          </ul>
        </FormDialog>
      ) : null}
    </Section>
  )
}
