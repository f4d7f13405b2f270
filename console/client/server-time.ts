/** How far the browser's clock is ahead of the server's, in milliseconds. */
let ahead = 0

/** A `Date` header has whole seconds, and its answer took a while to arrive. */
const isNoise = (difference: number): boolean => Math.abs(difference) < 5000

/** @param date the `Date` header of an answer that came just now */
export const noteServerTime = (date: string | null): void => {
  const difference = Date.now() - Date.parse(date ?? '')
  if (!Number.isNaN(difference)) ahead = isNoise(difference) ? 0 : difference
}

/** Now, in milliseconds since 1970 by the server's clock, for comparing with the times of its answers. */
export const serverNow = (): number => Date.now() - ahead
