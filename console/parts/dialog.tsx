import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { texts } from '../texts/en.ts'
import { IconButton } from './button.tsx'

/** A modal window. It is open as long as it is rendered; Escape and the cross call `onClose`. */
export const Dialog = ({
  title,
  children,
  onClose,
  size = 'small',
  canClose = true,
}: {
  readonly title: string
  readonly children: ComponentChildren
  readonly onClose: () => void
  readonly size?: 'small' | 'large'
  /** False: only its own buttons close it, such as around a secret that is shown once. */
  readonly canClose?: boolean
}) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    element?.showModal()
    return () => {
      element?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class={`dialog ${size}`}
      aria-labelledby={id}
      onCancel={(event) => {
        // A dialog within it, such as that of a file, has its own cancel event, which bubbles.
        if (event.target !== dialog.current) return
        event.preventDefault()
        if (canClose) onClose()
      }}
      onKeyDown={(event) => {
        // Chromium closes a dialog at the second Escape, even if the first was refused.
        if (event.key === 'Escape' && !canClose) event.preventDefault()
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {canClose ? <IconButton icon="close" label={texts.parts.close} onClick={onClose} /> : null}
      </header>
      <div class="content">{children}</div>
    </dialog>
  )
}
