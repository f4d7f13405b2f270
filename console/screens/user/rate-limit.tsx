import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import type { UserProps } from './shown-user.ts'

const own = texts.user.overview

export const RateLimit = ({ user, onClose, onChanged }: UserProps & { readonly onClose: () => void }) => {
  const [limit, setLimit] = useState(String(user.rateLimitPerMinute ?? ''))
  const save = async () => {
    await call('setUserRateLimit', {
      params: { userId: user.userId },
      body: { rateLimitPerMinute: limit === '' ? null : Number(limit), version: user.version },
    })
    toast(own.saved)
    onClose()
    onChanged()
  }
  return (
    <FormDialog
      title={own.limitTitle}
      onClose={onClose}
      submit={own.save}
      onSubmit={save}
      onConflict={onChanged}
    >
      <TextField
        label={own.limitLabel}
        name="rateLimitPerMinute"
        type="number"
        hint={own.limitHint}
        value={limit}
        onInput={setLimit}
      />
    </FormDialog>
  )
}
