import type { ComponentChildren } from 'preact'
import { Icon } from './icon.tsx'

/** A message in the flow of the page. `isAlert`: screen readers announce it at once. */
export const Notice = ({
  look = 'plain',
  isAlert = false,
  children,
}: {
  readonly look?: 'plain' | 'warning' | 'danger' | 'good'
  readonly isAlert?: boolean
  readonly children: ComponentChildren
}) => (
  <div class={`notice ${look}`} role={isAlert ? 'alert' : undefined} tabIndex={isAlert ? -1 : undefined}>
    <Icon name={look === 'good' ? 'done' : 'warning'} />
    <div>{children}</div>
  </div>
)
