import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { serverNow } from '../../client/server-time.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { distance } from '../../parts/small.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { dayIn, endOfDay } from './new-credential.tsx'
import type { Credential } from './shown-user.ts'

const own = texts.user.credentials

type Props = {
  readonly userId: string
  readonly credential: Credential
  readonly onClose: () => void
  readonly onDone: () => void
}

export const isExpired = ({ expiresAt }: Credential): boolean =>
  expiresAt !== null && Date.parse(expiresAt) <= serverNow()

export const EditCredential = ({ userId, credential, onClose, onDone }: Props) => {
  const { keyId, expiresAt } = credential
  const day = expiresAt === null ? '' : dayIn(Date.parse(expiresAt))
  const [name, setName] = useState(credential.name)
  const [expires, setExpires] = useState(day)
  const isEndFixed = credential.replacedBy !== undefined || isExpired(credential)
  const send = async () => {
    // What stays is not sent: somebody else may have changed it meanwhile.
    const body = {
      ...(name === credential.name ? {} : { name }),
      ...(expires === day ? {} : { expiresAt: expires === '' ? null : endOfDay(expires) }),
    }
    if (Object.keys(body).length === 0) return onClose()
    await call('changeCredential', { params: { userId, keyId }, body })
    toast(own.did.edit(name))
    onDone()
  }
  return (
    <FormDialog title={own.editTitle(credential.name)} submit={own.save} onSubmit={send} onClose={onClose}>
      <TextField label={own.new.name} name="name" value={name} onInput={setName} isRequired isFirst />
      {isEndFixed ? (
        <p class="muted">{own.endFixed}</p>
      ) : (
        <TextField
          label={own.new.expires}
          name="expiresAt"
          type="date"
          hint={own.editExpiresHint}
          value={expires}
          onInput={setExpires}
        />
      )}
    </FormDialog>
  )
}

export const ChangeStatus = ({
  userId,
  isOwn,
  what,
  credential,
  onClose,
  onDone,
}: Props & { readonly isOwn: boolean; readonly what: 'disable' | 'enable' | 'delete' }) => {
  const { keyId, name } = credential
  const params = { userId, keyId }
  const change = async () => {
    if (isOwn) await call('deleteOwnCredential', { params: { keyId } })
    else if (what === 'delete') await call('deleteCredential', { params })
    else
      await call('changeCredential', {
        params,
        body: { status: what === 'disable' ? 'disabled' : 'active' },
      })
    toast(own.did[what](name))
    onDone()
  }
  return (
    <FormDialog
      title={own.ask[what](name)}
      submit={own[what]}
      look={what === 'enable' ? 'primary' : 'danger'}
      onSubmit={change}
      onClose={onClose}
    >
      <p>{own.effect[what]}</p>
      {what === 'enable' ? null : <LastUse userId={userId} credential={credential} />}
    </FormDialog>
  )
}

const hour = 3_600_000

/** The time of the last use is accurate to an hour; an address that was seen earlier than that may not be the last one. */
const LastUse = ({ userId, credential: { keyId, lastUsedAt } }: Pick<Props, 'userId' | 'credential'>) => {
  const maySee = holds(useMe(), { section: 'postern-users', level: 'read' })
  const seen = useCall('getSightings', maySee ? { params: { userId } } : null)
  if (seen.isLoading) return null
  // The list may have been loaded before the first use.
  const usedAt = lastUsedAt === null ? 0 : Date.parse(lastUsedAt)
  const allowed = (seen.data?.addresses ?? []).filter(
    ({ credential, count, refused }) => credential === keyId && count > refused,
  )
  const last = allowed.find(({ lastSeenAt }) => Date.parse(lastSeenAt) > usedAt - hour)
  if (last === undefined && lastUsedAt === null) return <p>{own.lastUsedNever}</p>
  const at = Math.max(usedAt, ...(last === undefined ? [] : [Date.parse(last.lastSeenAt)]))
  const when = distance(at - serverNow())
  return <p>{last === undefined ? own.lastUsed(when) : own.lastUsedFrom(when, last.address)}</p>
}
