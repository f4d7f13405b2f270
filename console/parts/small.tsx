import type { ComponentChildren } from 'preact'
import { Fragment } from 'preact'
import { serverNow } from '../client/server-time.ts'

/** A word about a state. The word says it; the colour repeats it. */
export const Tag = ({
  look = 'plain',
  children,
}: {
  readonly look?: 'plain' | 'good' | 'warning' | 'danger'
  readonly children: ComponentChildren
}) => <span class={`tag ${look}`}>{children}</span>

/** The longest part of an e-mail address that a column of a table has room for. */
const longestPart = 20

/** An e-mail address, or a username that may be one, which breaks between its parts. */
export const Email = ({ address }: { readonly address: string }) => {
  const parts = address.split(/(?<=[@.])/)
  const isUsual = parts.every(({ length }) => length <= longestPart)
  return (
    <bdi class={isUsual ? 'email' : undefined}>
      {parts.map((part, index) => (
        <Fragment key={index}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </bdi>
  )
}

const minute = 60_000
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

const units = [
  ['day', 24 * 60 * minute],
  ['hour', 60 * minute],
  ['minute', minute],
] as const

/** `3 hours ago`, `in 2 days`. */
export const distance = (milliseconds: number): string => {
  const [unit, length] = units.find(([, each]) => Math.abs(milliseconds) >= each) ?? ['minute', minute]
  return relative.format(Math.round(milliseconds / length), unit)
}

/** A time as an ISO text, shown in the reader's zone; its title has it in UTC. */
export const Time = ({
  at,
  form = 'exact',
}: {
  readonly at: string | null
  readonly form?: 'exact' | 'day' | 'distance'
}) => {
  if (at === null) return <>–</>
  const date = new Date(at)
  const utc = `${date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, '')} UTC`
  const text =
    form === 'distance'
      ? distance(date.getTime() - serverNow())
      : form === 'day'
        ? day.format(date)
        : exact.format(date)
  return (
    <time dateTime={at} title={form === 'distance' ? `${exact.format(date)} (${utc})` : utc}>
      {text}
    </time>
  )
}

export const Count = ({ of }: { readonly of: number }) => <>{new Intl.NumberFormat('en').format(of)}</>
