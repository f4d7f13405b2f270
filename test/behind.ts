import type { Behind } from '../lib/effects/behind.ts'

/** Starts work at once, as behind a response. `settled` resolves when all of it is done. */
export const workBehind = () => {
  const underWay = new Set<Promise<void>>()
  const behind: Behind = (work) => {
    const done: Promise<void> = work().finally(() => underWay.delete(done))
    underWay.add(done)
  }
  const settled = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.all(underWay)
  }
  return { behind, settled }
}
