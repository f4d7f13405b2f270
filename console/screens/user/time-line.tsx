import { serverNow } from '../../client/server-time.ts'
import { Scrolls } from '../../parts/page.tsx'
import { texts } from '../../texts/en.ts'

type Row = {
  readonly text: string
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  readonly refused: number
}

const day = 86_400_000
const dates = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const mostRows = 12
const rowHeight = 22
const width = 800
const left = 280

/** From the first to the last sighting of each address and endpoint. The tables beside it say the same in words. */
export const TimeLine = ({ label, rows }: { readonly label: string; readonly rows: readonly Row[] }) => {
  const now = serverNow()
  const shown = rows.toSorted((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt)).slice(0, mostRows)
  const earliest = Math.min(now - day, ...shown.map(({ firstSeenAt }) => Date.parse(firstSeenAt)))
  const x = (at: number) => left + ((at - earliest) / (now - earliest)) * (width - left - 10)
  const height = shown.length * rowHeight + 24
  const ticks = [0, 0.5, 1].map((part) => earliest + part * (now - earliest))
  return (
    <Scrolls label={label}>
      <svg class="time-line" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {ticks.map((at, index) => (
          <g key={at}>
            <line class="tick" x1={x(at)} x2={x(at)} y1={0} y2={height - 20} />
            <text
              class="date"
              x={x(at)}
              y={height - 6}
              text-anchor={index === 0 ? 'start' : index === 1 ? 'middle' : 'end'}
            >
              {index === 2 ? texts.user.activity.now : dates.format(at)}
            </text>
          </g>
        ))}
        {shown.map(({ text, firstSeenAt, lastSeenAt, refused }, index) => {
          const y = index * rowHeight + rowHeight / 2
          const from = x(Date.parse(firstSeenAt))
          const to = x(Date.parse(lastSeenAt))
          return (
            <g key={`${text} ${firstSeenAt}`} class={refused > 0 ? 'refused' : undefined}>
              <text x={0} y={y + 4}>
                {text.length > 30 ? `${text.slice(0, 29)}…` : text}
                <title>{text}</title>
              </text>
              <line class="span" x1={from} x2={Math.max(to, from + 1)} y1={y} y2={y} />
              <circle cx={to} cy={y} r={4} />
            </g>
          )
        })}
      </svg>
    </Scrolls>
  )
}
