import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { Button } from '../../parts/button.tsx'
import { FileField } from '../../parts/file-field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Logo } from '../../parts/logo.tsx'
import { Section } from '../../parts/page.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import type { Organization } from './settings.ts'

const own = texts.organization.logo
const maximumBytes = 32 * 1024

type LogoProps = { readonly organization: Organization; readonly onChanged: () => void }

export const LogoSection = (props: LogoProps) => {
  const [asks, setAsks] = useState<'new' | 'removal' | null>(null)
  const { logo, name } = props.organization
  const close = () => setAsks(null)
  return (
    <Section
      title={own.title}
      lead={own.lead}
      actions={
        <>
          <Button onClick={() => setAsks('new')}>{logo === null ? own.add : own.replace}</Button>
          {logo === null ? null : <Button onClick={() => setAsks('removal')}>{own.remove}</Button>}
        </>
      }
    >
      {logo === null ? (
        <p>{own.none}</p>
      ) : (
        <p class="logo-preview">
          <Logo source={logo.path} /> {name}
        </p>
      )}
      {asks === 'new' ? <NewLogo {...props} onClose={close} /> : null}
      {asks === 'removal' ? <Removal {...props} onClose={close} /> : null}
    </Section>
  )
}

type WindowProps = LogoProps & { readonly onClose: () => void }

const NewLogo = ({ organization, onChanged, onClose }: WindowProps) => {
  const [image, setImage] = useState<string | null>(null)
  const [message, setMessage] = useState<string | undefined>(undefined)
  const take = async (file: File) => {
    const isTooLarge = file.size > maximumBytes
    setMessage(isTooLarge ? own.tooLarge(Math.ceil(file.size / 1024)) : undefined)
    setImage(isTooLarge ? null : await dataUrlOf(file))
  }
  return (
    <FormDialog
      title={own.add}
      submit={own.save}
      isDisabled={image === null}
      onConflict={onChanged}
      onClose={onClose}
      onSubmit={async () => {
        const body = { image: image?.split(',')[1] ?? '', version: organization.version }
        await call('replaceLogo', { body })
        toast(own.saved)
        onChanged()
        onClose()
      }}
    >
      <FileField
        label={own.drop}
        name="image"
        hint={own.dropHint}
        message={message}
        accept="image/png,image/jpeg,image/webp"
        onFile={take}
        isRequired
      />
      {image === null ? null : (
        <p class="logo-preview">
          <Logo source={image} /> {organization.name}
        </p>
      )}
    </FormDialog>
  )
}

const Removal = ({ onChanged, onClose }: WindowProps) => (
  <FormDialog
    look="danger"
    title={own.removeAsk}
    submit={own.remove}
    onConflict={onChanged}
    onClose={onClose}
    onSubmit={async () => {
      await call('removeLogo', {})
      toast(own.removed)
      onChanged()
      onClose()
    }}
  >
    <p>{own.removeText}</p>
  </FormDialog>
)

const dataUrlOf = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
