import { vi } from 'vitest'

/**
 * Limits count in windows of the clock. A test that counts up to one fails if it begins in one window and ends in the next. From here on
 * the clock goes as ever, from the middle of a window of each limit. Handlers take their clock when they are loaded, so call it before.
 */
export const startInWindow = (): void => {
  const hour = 3_600_000
  const now = Date.now() - (Date.now() % hour) + 22 * 60_000 + 20_000
  vi.useFakeTimers({ toFake: ['Date'], now, shouldAdvanceTime: true })
}
