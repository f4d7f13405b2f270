import type { ComponentChildren } from 'preact'
import { texts } from '../texts/en.ts'
import type { IconName } from './icon.tsx'
import { Icon } from './icon.tsx'

type Look = 'plain' | 'primary' | 'danger' | 'quiet'

type ButtonProps = {
  /** A verb. */
  readonly children: ComponentChildren
  readonly look?: Look
  readonly icon?: IconName
  readonly type?: 'button' | 'submit'
  readonly onClick?: () => void
  /** The deed is under way: a second click does nothing. */
  readonly isBusy?: boolean
  readonly isDisabled?: boolean
  /** If the visible text is not enough by itself. */
  readonly label?: string | undefined
}

export const Button = ({
  children,
  look = 'plain',
  icon,
  type = 'button',
  onClick,
  isBusy = false,
  isDisabled = false,
  label,
}: ButtonProps) => (
  <button
    type={type}
    class={`button ${look}`}
    // Not `disabled` while busy, which would lose the focus.
    aria-disabled={isBusy || undefined}
    disabled={isDisabled}
    aria-label={label}
    onClick={(event) => {
      if (isBusy) event.preventDefault()
      else onClick?.()
    }}
  >
    {icon === undefined ? null : <Icon name={icon} />}
    <span>{children}</span>
    {isBusy ? <span class="hidden">{texts.parts.busy}</span> : null}
  </button>
)

/** A button that shows only an icon; `label` says what it does. */
export const IconButton = ({
  icon,
  label,
  onClick,
}: {
  readonly icon: IconName
  readonly label: string
  readonly onClick: () => void
}) => (
  <button type="button" class="button quiet square" aria-label={label} title={label} onClick={onClick}>
    <Icon name={icon} />
  </button>
)

/** Looks like a button and is a link: it opens a place. */
export const LinkButton = ({
  href,
  children,
  look = 'plain',
  icon,
}: {
  readonly href: string
  readonly children: ComponentChildren
  readonly look?: Look
  readonly icon?: IconName
}) => (
  <a class={`button ${look}`} href={href}>
    {icon === undefined ? null : <Icon name={icon} />}
    <span>{children}</span>
  </a>
)
