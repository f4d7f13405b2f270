import type { Provider } from '../whitelist/provider.ts'
import type { StoredProviderState } from './provider-state.ts'

const daySeconds = 86_400

/** Time since a download last confirmed the list; undefined if there is none. */
export const ageSecondsOf = (state: StoredProviderState | undefined, now: number): number | undefined => {
  if (state?.list == null || state.checkedAt === null) return undefined
  return Math.max(0, Math.floor((now - Date.parse(state.checkedAt)) / 1000))
}

export const isTooOld = (ageSeconds: number, maximumAgeDays: number): boolean =>
  ageSeconds > maximumAgeDays * daySeconds

/** Half of the age at which a list stops matching, so that operators have time to act. */
const warnAt = 1 / 2

/** The lists that need an operator, because no download has confirmed them for too long. */
export const oldLists = (
  states: readonly (StoredProviderState | undefined)[],
  now: number,
  maximumAgeDays: number,
): { readonly provider: Provider; readonly ageDays: number }[] =>
  states.flatMap((state) => {
    const ageSeconds = ageSecondsOf(state, now) ?? 0
    if (state === undefined || !isTooOld(ageSeconds, maximumAgeDays * warnAt)) return []
    return [{ provider: state.provider, ageDays: Math.floor(ageSeconds / daySeconds) }]
  })
