import { vi } from 'vitest'

/**
 * Handlers that are imported after this have this environment, which they read when they are loaded. The files of one worker share all
 * other modules.
 */
export const loadHandlersIn = (environment: Readonly<Record<string, string>>): void => {
  vi.resetModules()
  vi.unstubAllEnvs()
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
}
