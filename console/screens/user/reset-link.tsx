import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Answer } from '../../client/operations.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { RadioField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { Time } from '../../parts/small.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import type { User } from './shown-user.ts'

const own = texts.user.overview

type Made = Extract<Answer<'makeResetLink'>, { readonly link: string }>

/** Mails the user a link to choose a password, or shows it here, once. */
export const ResetLink = ({ user, onClose }: { readonly user: User; readonly onClose: () => void }) => {
  const [made, setMade] = useState<Made | null>(null)
  const [way, setWay] = useState<'mail' | 'show'>(user.email === null ? 'show' : 'mail')
  if (made !== null)
    return (
      <Dialog title={own.linkTitle(user.username)}>
        <p>
          {own.linkWorksUntil} <Time at={made.expiresAt} />
        </p>
        <ShownOnce values={[{ label: own.linkLabel, text: made.link }]} onDone={onClose} />
      </Dialog>
    )
  const send = async () => {
    const body = way === 'mail' ? { mailPasswordLink: true } : {}
    const answer = await call('makeResetLink', { params: { userId: user.userId }, body })
    if ('link' in answer) return setMade(answer)
    toast(own.linkMailed(user.username))
    onClose()
  }
  return (
    <FormDialog
      title={own.linkTitle(user.username)}
      submit={way === 'mail' ? own.linkMailSubmit : own.linkCreate}
      onClose={onClose}
      onSubmit={send}
    >
      {user.email === null ? (
        <p>{own.linkEffect}</p>
      ) : (
        <RadioField
          label={own.linkHow}
          name="mailPasswordLink"
          value={way}
          onChange={setWay}
          choices={[
            { value: 'mail', text: own.linkMail(user.email), hint: own.linkMailHint },
            { value: 'show', text: own.linkShow, hint: own.linkEffect },
          ]}
        />
      )}
    </FormDialog>
  )
}
