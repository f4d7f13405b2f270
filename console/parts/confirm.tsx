import type { ComponentChildren } from 'preact'
import { Dialog } from './dialog.tsx'
import { Form } from './form.tsx'

/** Asks before a deed that is hard to undo, and says what it does. */
export const Confirm = ({
  title,
  children,
  submit,
  look = 'danger',
  isDisabled = false,
  onConfirm,
  onClose,
}: {
  readonly title: string
  readonly children: ComponentChildren
  /** The verb of the deed. */
  readonly submit: string
  readonly look?: 'primary' | 'danger'
  readonly isDisabled?: boolean
  /** A CallFailure that it throws is shown. */
  readonly onConfirm: () => Promise<void>
  readonly onClose: () => void
}) => (
  <Dialog title={title} onClose={onClose}>
    <Form submit={submit} look={look} isDisabled={isDisabled} onSubmit={onConfirm} onCancel={onClose}>
      {children}
    </Form>
  </Dialog>
)
