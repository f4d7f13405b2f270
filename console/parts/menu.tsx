import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { IconName } from './icon.tsx'
import { Icon } from './icon.tsx'

export type Deed = {
  readonly text: string
  readonly onChoose: () => void
  readonly look?: 'plain' | 'danger'
}

/** Deeds behind one button. Arrow keys move, Escape and a click elsewhere close it. */
export const Menu = ({
  label,
  deeds,
  icon = 'more',
}: {
  readonly label: string
  readonly deeds: readonly Deed[]
  readonly icon?: IconName
}) => {
  const [isOpen, setIsOpen] = useState(false)
  const id = useId()
  const area = useRef<HTMLDivElement>(null)
  const items = () => [...(area.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])]
  const close = () => {
    setIsOpen(false)
    area.current?.querySelector<HTMLElement>('[aria-haspopup]')?.focus()
  }

  useEffect(() => {
    if (!isOpen) return
    items()[0]?.focus()
    const elsewhere = (event: Event) => {
      if (event.target instanceof Node && !area.current?.contains(event.target)) setIsOpen(false)
    }
    document.addEventListener('pointerdown', elsewhere)
    document.addEventListener('focusin', elsewhere)
    return () => {
      document.removeEventListener('pointerdown', elsewhere)
      document.removeEventListener('focusin', elsewhere)
    }
  }, [isOpen])

  const onKeyDown = (event: KeyboardEvent) => {
    const all = items()
    const at = all.findIndex((item) => item.matches(':focus'))
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key]
    if (event.key === 'Escape') close()
    else if (next !== undefined) all[next % all.length]?.focus()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div class="menu" ref={area}>
      <button
        type="button"
        class="button square"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={label}
        title={label}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Icon name={icon} />
      </button>
      {isOpen ? (
        <div id={id} role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
          {deeds.map(({ text, onChoose, look = 'plain' }) => (
            <button
              key={text}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={look}
              onClick={() => {
                close()
                onChoose()
              }}
            >
              {text}
            </button>
          ))}
        </div>
      ) : null}
    </div>
  )
}
