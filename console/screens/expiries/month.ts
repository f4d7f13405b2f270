/** A day of the reader's time zone, such as `2026-11-21`. */
export const dayOf = (at: Date): string =>
  [at.getFullYear(), String(at.getMonth() + 1).padStart(2, '0'), String(at.getDate()).padStart(2, '0')].join(
    '-',
  )

export type Month = {
  /** Its first day. */
  readonly start: Date
  /** Monday first; null before the first day and after the last one. */
  readonly weeks: readonly (readonly (Date | null)[])[]
}

/** The months from one day to another. */
export const monthsBetween = (from: Date, to: Date): Month[] => {
  const months: Month[] = []
  for (
    let start = new Date(from.getFullYear(), from.getMonth(), 1);
    start <= to;
    start = new Date(start.getFullYear(), start.getMonth() + 1, 1)
  )
    months.push({ start, weeks: weeksOf(start) })
  return months
}

const weeksOf = (start: Date): (Date | null)[][] => {
  const [year, month] = [start.getFullYear(), start.getMonth()]
  const length = new Date(year, month + 1, 0).getDate()
  const before = (start.getDay() + 6) % 7
  const cells: (Date | null)[] = [
    ...Array<null>(before).fill(null),
    ...Array.from({ length }, (_, index) => new Date(year, month, index + 1)),
  ]
  const weeks: (Date | null)[][] = []
  for (let index = 0; index < cells.length; index += 7) {
    const week = cells.slice(index, index + 7)
    weeks.push([...week, ...Array<null>(7 - week.length).fill(null)])
  }
  return weeks
}
