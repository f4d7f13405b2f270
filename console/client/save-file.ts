/** Lets the browser save a text as a file. */
export const saveFile = (name: string, mediaType: string, text: string): void => {
  const address = URL.createObjectURL(new Blob([text], { type: mediaType }))
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  // After the click has begun the download.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

type Cell = string | number | null

/**
 * A table as CSV (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe in front: names and paths come from
 * callers.
 */
export const csvOf = (titles: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [titles, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('')

const cellText = (cell: Cell): string => {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const harmless = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

export const saveCsv = (name: string, titles: readonly string[], rows: readonly (readonly Cell[])[]): void =>
  saveFile(`${name}.csv`, 'text/csv;charset=utf-8', csvOf(titles, rows))
