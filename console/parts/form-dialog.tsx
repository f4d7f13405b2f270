import { useState } from 'preact/hooks'
import { texts } from '../texts/en.ts'
import { Dialog } from './dialog.tsx'
import { TextField } from './fields.tsx'
import type { FormProps } from './form.tsx'
import { Form } from './form.tsx'

type FormDialogProps = Omit<FormProps, 'label' | 'onCancel'> & {
  readonly title: string
  readonly size?: 'small' | 'large'
  readonly onClose: () => void
  /** Of a deed that stops requests or that nothing undoes: it can be sent once this name is typed. */
  readonly nameToType?: string
}

/** A window with one form: a thing to add or change, or a deed that is hard to undo and says what it does. */
export const FormDialog = ({
  title,
  size = 'small',
  onClose,
  nameToType,
  children,
  isDisabled = false,
  ...form
}: FormDialogProps) => {
  const [name, setName] = useState('')
  const isTyped = nameToType === undefined || name === nameToType
  return (
    <Dialog title={title} size={size} onClose={onClose}>
      <Form {...form} isDisabled={isDisabled || !isTyped} onCancel={onClose}>
        {children}
        {nameToType === undefined ? null : (
          <TextField
            label={texts.parts.typeName(nameToType)}
            name="confirmation"
            value={name}
            onInput={setName}
            isRequired
            isCode
          />
        )}
      </Form>
    </Dialog>
  )
}
