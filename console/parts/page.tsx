import type { ComponentChildren } from 'preact'
import { useEffect, useId } from 'preact/hooks'
import { texts } from '../texts/en.ts'
import { Icon } from './icon.tsx'

/** Title and actions of a screen. The title also names the browser's tab. */
export const PageHeader = ({
  title,
  lead,
  actions,
  back,
}: {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly actions?: ComponentChildren
  /** The list that this page belongs to. */
  readonly back?: { readonly href: string; readonly text: string }
}) => {
  useEffect(() => {
    document.title = texts.shell.tabTitle(title)
  }, [title])
  return (
    <header class="page-header">
      {back === undefined ? null : (
        <a class="back" href={back.href}>
          <Icon name="back" /> {back.text}
        </a>
      )}
      <div class="row">
        <h1 tabIndex={-1}>{title}</h1>
        {actions === undefined ? null : <div class="actions">{actions}</div>}
      </div>
      {lead === undefined ? null : <p class="lead">{lead}</p>}
    </header>
  )
}

/** A part of a page with its own heading. */
export const Section = ({
  title,
  lead,
  actions,
  children,
}: {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}) => {
  const id = useId()
  return (
    <section class="section" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions === undefined ? null : <div class="actions">{actions}</div>}
      </header>
      {lead === undefined ? null : <p class="lead">{lead}</p>}
      {children}
    </section>
  )
}

/** Names and values of one thing. */
export const Facts = ({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[]
}) => (
  <dl class="facts">
    {facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value === '' || value === null || value === undefined ? '–' : value}</dd>
      </div>
    ))}
  </dl>
)

/** Scrolls sideways what is wider than a narrow screen, also by the arrow keys. */
export const Scrolls = ({
  label,
  children,
}: {
  readonly label: string
  readonly children: ComponentChildren
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard could not scroll (axe: scrollable-region-focusable).
  <section class="scrolls" tabIndex={0} aria-label={label}>
    {children}
  </section>
)
