import type { DeliverOnceDependencies } from './deliver-once.ts'

/** All deliveries of a request are kept in its one row, where transactions at the same time would cancel each other. */
export const oneAfterTheOther = (
  write: DeliverOnceDependencies['write'],
): DeliverOnceDependencies['write'] => {
  let last: Promise<unknown> = Promise.resolve()
  return (writes) => {
    const mine = last.then(() => write(writes))
    last = mine.catch(() => undefined)
    return mine
  }
}
