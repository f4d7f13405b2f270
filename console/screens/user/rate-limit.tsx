import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { TextField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
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
    <Dialog title={own.limitTitle} onClose={onClose}>
      <Form submit={own.save} onSubmit={save} onCancel={onClose} onConflict={onChanged}>
        <TextField
          label={own.limitLabel}
          name="rateLimitPerMinute"
          type="number"
          hint={own.limitHint}
          value={limit}
          onInput={setLimit}
        />
      </Form>
    </Dialog>
  )
}
