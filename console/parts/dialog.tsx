import type { ComponentChildren } from 'preact'
import { createContext } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { useUnsaved } from '../client/unsaved.ts'
import { texts } from '../texts/en.ts'
import { IconButton } from './button.tsx'

/** A form tells the window around it whether input would be lost. Null: no window is around it. */
export const OnTouched = createContext<((isTouched: boolean) => void) | null>(null)

/** A modal window. It is open as long as it is rendered; Escape and the cross call `onClose`, and ask before input is lost. */
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
  const [isTouched, setIsTouched] = useState(false)
  useUnsaved(isTouched)
  const close = () => {
    if (!isTouched || window.confirm(texts.parts.unsaved)) onClose?.()
  }
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
        close()
      }}
      onKeyDown={(event) => {
        const { target } = event
        const isOwn = target instanceof Element && target.closest('dialog') === dialog.current
        if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented || !isOwn) return
        // Chromium closes a dialog at the second Escape, even if the first was refused.
        event.preventDefault()
        if (onClose !== undefined) close()
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {onClose ? <IconButton icon="close" label={texts.parts.close} onClick={close} /> : null}
      </header>
      <div class="content">
        <OnTouched.Provider value={setIsTouched}>{children}</OnTouched.Provider>
      </div>
    </dialog>
  )
}
