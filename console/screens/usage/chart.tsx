import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { texts } from '../../texts/en.ts'
import type { Unit } from './span.ts'
import { timeText } from './time-text.ts'

const own = texts.usage

/** Null counts are not drawn. */
export type Line = { readonly name: string; readonly counts: readonly (number | null)[] }

type Drawn = { readonly buckets: readonly number[]; readonly unit: Unit; readonly lines: readonly Line[] }

/** Lines differ in their dashes as well as in their colours, `--series-1` and so on. */
const dashes = [[], [8, 4], [2, 3], [12, 4, 2, 4], [4, 4], [16, 4], [1, 2]]
const height = 260

/**
 * Counts over time as lines, with the values of one time at a point: where the pointer is, or where the keys of the slider lead. `label` says
 * what the picture shows; the tables beside it have the numbers.
 */
export const Chart = ({
  label,
  buckets,
  unit,
  lines,
}: {
  readonly label: string
  /** In milliseconds since 1970. */
  readonly buckets: readonly number[]
  readonly unit: Unit
  readonly lines: readonly Line[]
}) => {
  const area = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  /** The place of the time that is read. */
  const [at, setAt] = useState<number | null>(null)
  const content = JSON.stringify([buckets, unit, lines])
  useEffect(() => {
    const element = area.current
    if (element === null) return
    const scheme = window.matchMedia('(prefers-color-scheme: dark)')
    const redraw = () => {
      plot.current?.destroy()
      plot.current = draw(element, { buckets, unit, lines }, setAt)
    }
    redraw()
    setAt(null)
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    scheme.addEventListener('change', redraw)
    return () => {
      scheme.removeEventListener('change', redraw)
      resized.disconnect()
      plot.current?.destroy()
    }
  }, [content])

  const lookAt = (place: number | null) => {
    const start = place === null ? undefined : buckets[place]
    setAt(place)
    const left = start === undefined ? -10 : (plot.current?.valToPos(start / 1000, 'x') ?? -10)
    plot.current?.setCursor({ left, top: left < 0 ? -10 : 0 }, false)
  }
  const last = buckets.length - 1
  const shown = at ?? last
  const values = valuesAt(lines, shown)
  const time = timeText(buckets[shown] ?? 0, unit)
  return (
    <div class="chart">
      <div role="img" aria-label={label} ref={area} />
      {at === null ? null : (
        <div class="chart-point" style={placeOf(plot.current, buckets[at])}>
          <strong>{time}</strong>
          <ul>
            {values.map(({ name, text, index }) => (
              <li key={index}>
                <LineSample index={index} /> <bdi>{name}</bdi> <span class="number">{text}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      <input
        type="range"
        aria-label={own.point}
        aria-valuetext={`${time}: ${values.map(({ name, text }) => `${name} ${text}`).join(', ')}`}
        min={0}
        max={last}
        value={shown}
        onInput={(event) => lookAt(event.currentTarget.valueAsNumber)}
        onFocus={() => lookAt(shown)}
        onBlur={() => lookAt(null)}
        onKeyDown={(event) => event.key === 'Escape' && lookAt(null)}
      />
    </div>
  )
}

const number = new Intl.NumberFormat('en')

const valuesAt = (lines: readonly Line[], place: number) =>
  lines.map(({ name, counts }, index) => {
    const count = counts[place] ?? null
    return { name, index, text: count === null ? own.notRead : number.format(count) }
  })

/** Of the point's window: beside its time, on the side that has more room. */
const placeOf = (plot: uPlot | undefined, start: number | undefined) => {
  if (plot === undefined || start === undefined) return {}
  const left = plot.over.offsetLeft + plot.valToPos(start / 1000, 'x')
  return left > plot.width / 2 ? { right: `${plot.width - left + 12}px` } : { left: `${left + 12}px` }
}

const draw = (
  element: HTMLElement,
  { buckets, unit, lines }: Drawn,
  onPoint: (place: number | null) => void,
): uPlot => {
  const colourOf = coloursIn(element)
  const axis = {
    stroke: colourOf('--muted'),
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { show: false },
  }
  const compact = new Intl.NumberFormat('en', { notation: 'compact' })
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false },
      hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
      // A day is one of UTC, whatever the reader's time zone.
      ...(unit === 'day'
        ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'UTC') }
        : {}),
      scales: { y: { range: (_plot, _least, most) => [0, Math.max(4, most * 1.1)] } },
      series: [
        {},
        ...lines.map(({ name }, index) => ({
          label: name,
          stroke: colourOf(`--series-${index + 1}`),
          width: 2,
          dash: dashes[index] ?? [],
          points: { show: buckets.length < 40, size: 5 },
        })),
      ],
      axes: [
        axis,
        { ...axis, size: 52, values: (_plot, values) => values.map((value) => compact.format(value)) },
      ],
    },
    [buckets.map((start) => start / 1000), ...lines.map(({ counts }) => [...counts])],
    element,
  )
}

/** Colours as the canvas takes them: it knows neither variables nor the light and dark of one. */
const coloursIn = (element: HTMLElement) => {
  const probe = element.appendChild(document.createElement('span'))
  const { color } = getComputedStyle(probe)
  probe.remove()
  return (variable: string): string => {
    const sample = element.appendChild(document.createElement('span'))
    sample.style.color = `var(${variable})`
    const computed = getComputedStyle(sample).color
    sample.remove()
    return computed === '' ? color : computed
  }
}

/** The look of a line, for its row in the table. */
export const LineSample = ({ index }: { readonly index: number }) => (
  <svg class={`line-sample series-${index + 1}`} viewBox="0 0 28 8" aria-hidden="true" focusable="false">
    <line x1="0" y1="4" x2="28" y2="4" stroke-dasharray={(dashes[index] ?? []).join(' ')} />
  </svg>
)
