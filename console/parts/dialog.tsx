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
}: {
  readonly title: string
  readonly children: ComponentChildren
  /** Without it, only its own buttons close it, such as around a secret that is shown once. */
  readonly onClose?: (() => void) | undefined
  readonly size?: 'small' | 'large'
}) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    element?.showModal()
    // The browser would choose the cross.
    const first = element?.querySelector<HTMLElement>('.content :is(input, select, textarea):enabled')
    if (element?.querySelector('[autofocus]') === null) first?.focus()
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
        onClose?.()
      }}
      onKeyDown={(event) => {
        // Chromium closes a dialog at the second Escape, even if the first was refused.
        if (event.key === 'Escape' && onClose === undefined) event.preventDefault()
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {onClose ? <IconButton icon="close" label={texts.parts.close} onClick={onClose} /> : null}
      </header>
      <div class="content">{children}</div>
    </dialog>
  )
}
