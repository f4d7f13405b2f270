import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'

export type Line = { readonly name: string; readonly counts: readonly number[] }

/** Lines differ in their dashes as well as in their colours, `--series-1` and so on. */
const dashes = [[], [8, 4], [2, 3], [12, 4, 2, 4], [4, 4], [16, 4], [1, 2]]
const height = 260

/** Counts over time as lines. `label` says what the picture shows; the table beside it has the numbers. */
export const Chart = ({
  label,
  buckets,
  lines,
}: {
  readonly label: string
  /** In milliseconds since 1970. */
  readonly buckets: readonly number[]
  readonly lines: readonly Line[]
}) => {
  const area = useRef<HTMLDivElement>(null)
  const content = JSON.stringify([buckets, lines])
  useEffect(() => {
    const element = area.current
    if (element === null) return
    const scheme = window.matchMedia('(prefers-color-scheme: dark)')
    let plot = draw(element, buckets, lines)
    const redraw = () => {
      plot.destroy()
      plot = draw(element, buckets, lines)
    }
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    scheme.addEventListener('change', redraw)
    return () => {
      scheme.removeEventListener('change', redraw)
      resized.disconnect()
      plot.destroy()
    }
  }, [content])
  return <div class="chart" role="img" aria-label={label} ref={area} />
}

const draw = (element: HTMLElement, buckets: readonly number[], lines: readonly Line[]): uPlot => {
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
      cursor: { drag: { x: false, y: false } },
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
