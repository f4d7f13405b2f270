import { afterAll, vi } from 'vitest'
import { tidy } from './tidy.ts'

afterAll(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  await tidy()
})
