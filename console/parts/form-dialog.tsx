import { Dialog } from './dialog.tsx'
import type { FormProps } from './form.tsx'
import { Form } from './form.tsx'

type FormDialogProps = Omit<FormProps, 'label' | 'onCancel'> & {
  readonly title: string
  readonly size?: 'small' | 'large'
  readonly onClose: () => void
}

/** A window with one form: a thing to add or change, or a deed that is hard to undo and says what it does. */
export const FormDialog = ({ title, size = 'small', onClose, ...form }: FormDialogProps) => (
  <Dialog title={title} size={size} onClose={onClose}>
    <Form {...form} onCancel={onClose} />
  </Dialog>
)
