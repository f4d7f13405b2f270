import type { ComponentChildren, RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import { useQuery } from '../router.ts'
import { texts } from '../texts/en.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'

export type Column<Row> = {
  readonly title: string
  readonly cell: (row: Row) => ComponentChildren
  /** The value by which the server sorts, in the query parameter `order`. */
  readonly sort?: { readonly isDescending: boolean; readonly onSort: () => void }
  /** Numbers and times, which align at the end. */
  readonly isNumber?: boolean
  /** Its title is read, not shown, such as that of a column of buttons. */
  readonly isUntitled?: boolean
}

/** Rows that can be chosen, by their keys. */
export type Selection<Row> = {
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (chosen: ReadonlySet<string>) => void
  readonly all: string
  readonly labelOf: (row: Row) => string
}

/** A table whose first column names the row. On a narrow screen each row is a card. */
export const Table = <Row,>({
  caption,
  columns,
  rows,
  keyOf,
  selection,
}: {
  /** Says what the rows are; for screen readers. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly selection?: Selection<Row> | undefined
}) => {
  /** The row that was chosen last, from which a click with Shift reaches. */
  const anchor = useRef('')
  return (
    <table class="table">
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          {selection === undefined ? null : (
            <td class="choose">
              <ChooseAll keys={rows.map(keyOf)} {...selection} />
            </td>
          )}
          {columns.map((column) => (
            <th
              key={column.title}
              scope="col"
              class={column.isNumber ? 'number' : undefined}
              aria-sort={
                column.sort === undefined ? undefined : column.sort.isDescending ? 'descending' : 'ascending'
              }
            >
              {column.sort === undefined ? (
                <span class={column.isUntitled ? 'hidden' : undefined}>{column.title}</span>
              ) : (
                <button type="button" class="sort" onClick={column.sort.onSort}>
                  {column.title}
                  <Icon name={column.sort.isDescending ? 'down' : 'up'} />
                </button>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {selection === undefined ? null : (
              <td class="choose">
                <ChooseOne
                  of={keyOf(row)}
                  keys={rows.map(keyOf)}
                  label={selection.labelOf(row)}
                  anchor={anchor}
                  chosen={selection.chosen}
                  onChoose={selection.onChoose}
                />
              </td>
            )}
            {columns.map((column, index) => {
              const look = column.isNumber ? 'number' : undefined
              return index === 0 ? (
                <th key={column.title} scope="row">
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.title} class={look} data-title={column.isUntitled ? undefined : column.title}>
                  <div>{column.cell(row)}</div>
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const ChooseAll = <Row,>({
  keys,
  chosen,
  onChoose,
  all,
}: Selection<Row> & { readonly keys: readonly string[] }) => {
  const count = keys.filter((key) => chosen.has(key)).length
  return (
    <input
      type="checkbox"
      aria-label={all}
      checked={count === keys.length}
      indeterminate={count > 0 && count < keys.length}
      onChange={(event) => onChoose(new Set(event.currentTarget.checked ? keys : []))}
    />
  )
}

const ChooseOne = ({
  of,
  keys,
  label,
  anchor,
  chosen,
  onChoose,
}: {
  readonly of: string
  readonly keys: readonly string[]
  readonly label: string
  readonly anchor: RefObject<string>
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (chosen: ReadonlySet<string>) => void
}) => (
  <input
    type="checkbox"
    aria-label={label}
    checked={chosen.has(of)}
    onClick={(event) => {
      const isChosen = event.currentTarget.checked
      const ends = [keys.indexOf(of), event.shiftKey ? keys.indexOf(anchor.current) : -1].filter(
        (at) => at >= 0,
      )
      const reached = keys.slice(Math.min(...ends), Math.max(...ends) + 1)
      anchor.current = of
      const others = [...chosen].filter((key) => !reached.includes(key))
      onChoose(new Set(isChosen ? [...others, ...reached] : others))
    }}
  />
)

/**
 * Steps through a list by cursors, which only lead forward: the page before is a step back in the browser, the first one a link.
 * The cursor is in the address, so that a page can be shared and reloaded.
 */
export const Pages = ({
  nextCursor,
  label,
}: {
  readonly nextCursor: string | null
  readonly label: string
}) => {
  const [{ cursor = '' }, change] = useQuery()
  if (cursor === '' && nextCursor === null) return null
  return (
    <nav class="pages" aria-label={label}>
      <Button isDisabled={cursor === ''} onClick={() => change({ cursor: '' })}>
        {texts.parts.firstPage}
      </Button>
      <Button
        icon="forward"
        isDisabled={nextCursor === null}
        onClick={() => nextCursor !== null && change({ cursor: nextCursor })}
      >
        {texts.parts.nextPage}
      </Button>
    </nav>
  )
}
