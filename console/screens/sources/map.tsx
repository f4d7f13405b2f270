import { useEffect, useRef, useState } from 'preact/hooks'
import { hrefOf, open, useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { Network } from './networks.ts'
import { groupOf, pictureOf } from './networks.ts'

const own = texts.sources
const height = 320
/** Room of a letter in the picture's text. */
const letter = 7
const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

/** One box for each network, a link to its addresses. One of them is in the order of tabs; arrows lead to the others. */
export const NetworkMap = ({
  networks,
  chosen,
}: {
  readonly networks: readonly Network[]
  /** The network whose addresses are shown. */
  readonly chosen: string | undefined
}) => {
  const area = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [current, setCurrent] = useState(0)
  const [query] = useQuery()
  useEffect(() => {
    const element = area.current
    if (element === null) return
    const resized = new ResizeObserver(() => setWidth(element.clientWidth))
    resized.observe(element)
    return () => resized.disconnect()
  }, [])
  const { groups, cells, left } = pictureOf(networks, width, height)
  const focus = (index: number) => {
    const next = Math.min(Math.max(index, 0), cells.length - 1)
    setCurrent(next)
    area.current?.querySelectorAll<SVGAElement>('a')[next]?.focus()
  }
  return (
    <div class="network-map" ref={area}>
      {width === 0 ? null : (
        // biome-ignore lint/a11y/useSemanticElements: a group of links within a picture.
        <svg width={width} height={height} role="group" aria-label={own.map}>
          {groups.map(({ key, box }) => (
            <text key={key} class="title" x={box.x} y={box.y + 14}>
              {shortened(own.groups[key], box.width)}
            </text>
          ))}
          {cells.map(({ network, box }, index) => {
            const href = hrefOf('/sources', { ...query, network: network.network })
            const name = own.cell(
              network.network,
              own.groups[groupOf(network)],
              network.count,
              network.refused,
              own.letIn[network.letIn],
            )
            return (
              <a
                key={network.network}
                class={lookOf(network)}
                href={href}
                tabindex={index === Math.min(current, cells.length - 1) ? 0 : -1}
                aria-label={name}
                aria-current={network.network === chosen ? 'true' : undefined}
                onFocus={() => setCurrent(index)}
                onClick={(event) => {
                  if (event.ctrlKey || event.metaKey || event.shiftKey) return
                  event.preventDefault()
                  open(href)
                }}
                onKeyDown={(event) => {
                  const step = steps[event.key]
                  if (step === undefined && event.key !== 'Home' && event.key !== 'End') return
                  event.preventDefault()
                  focus(
                    event.key === 'Home' ? 0 : event.key === 'End' ? cells.length - 1 : index + (step ?? 0),
                  )
                }}
              >
                <title>{name}</title>
                <rect
                  x={box.x + 1}
                  y={box.y + 1}
                  width={Math.max(box.width - 2, 1)}
                  height={Math.max(box.height - 2, 1)}
                />
              </a>
            )
          })}
          {cells.map(({ network, box }) =>
            box.height < 20 || box.width < 6 * letter ? null : (
              // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a group of SVG takes no focus. Its box says the same.
              <g key={network.network} aria-hidden="true">
                <text x={box.x + 6} y={box.y + 16}>
                  {shortened(network.network, box.width - 12)}
                </text>
                {box.height < 36 ? null : (
                  <text x={box.x + 6} y={box.y + 32}>
                    {shortened(network.count.toLocaleString('en'), box.width - 12)}
                  </text>
                )}
              </g>
            ),
          )}
        </svg>
      )}
      <ul class="legend">
        {looks.map((look) => (
          <li key={look}>
            <svg class={`sample ${look}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
              <rect x="1" y="1" width="14" height="14" />
            </svg>
            {own.legend[look]}
          </li>
        ))}
        <li>{own.scale}</li>
        {left === 0 ? null : <li>{own.left(left)}</li>}
      </ul>
    </div>
  )
}

const looks = ['all', 'refused', 'none', 'unknown'] as const

/** By what matters most: a network that no whitelist lets in, then one that was refused or is not in every whitelist. */
const lookOf = ({ letIn, refused }: Network): (typeof looks)[number] =>
  letIn === 'none' || (letIn === 'unknown' && refused === 0)
    ? letIn
    : refused > 0 || letIn === 'some'
      ? 'refused'
      : 'all'

const shortened = (text: string, room: number): string => {
  const letters = Math.floor(room / letter)
  return text.length <= letters ? text : letters < 3 ? '' : `${text.slice(0, letters - 1)}…`
}
