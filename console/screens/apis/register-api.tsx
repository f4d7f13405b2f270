import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { useIdempotencyKey } from '../../client/use-idempotency-key.ts'
import { CheckField, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { GatewayFields } from './gateway-fields.tsx'

const own = texts.apis

export const RegisterApi = ({
  onClose,
  onMade,
}: {
  readonly onClose: () => void
  readonly onMade: (apiId: string) => void
}) => {
  const [name, setName] = useState('')
  const [audience, setAudience] = useState('')
  const [hasGateway, setHasGateway] = useState(false)
  const [gateway, setGateway] = useState({ gatewayId: '', stage: '$default', basePath: '/' })
  const keyFor = useIdempotencyKey()
  const send = async () => {
    const body = { name, audience, ...(hasGateway ? { gateways: [gateway] } : {}) }
    const { api } = await call('createApi', { body }, { idempotencyKey: keyFor(body) })
    toast(own.isRegistered(api.name))
    onMade(api.apiId)
  }
  return (
    <FormDialog title={own.register} onClose={onClose} size="large" submit={own.register} onSubmit={send}>
      <TextField
        label={own.name}
        name="name"
        hint={own.nameHint}
        value={name}
        onInput={setName}
        isRequired
        isCode
        isFirst
      />
      <TextField
        label={own.audience}
        name="audience"
        hint={own.audienceHint}
        value={audience}
        onInput={setAudience}
        placeholder="https://api.example.com/shop"
        isRequired
        isCode
      />
      <CheckField
        label={own.withGateway}
        name="hasGateway"
        hint={own.withGatewayHint}
        isChecked={hasGateway}
        onChange={setHasGateway}
      />
      {hasGateway ? <GatewayFields prefix="gateways.0." gateway={gateway} onChange={setGateway} /> : null}
    </FormDialog>
  )
}
