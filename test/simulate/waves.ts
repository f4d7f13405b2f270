import { quotas } from './quotas.ts'

/** Traffic that starts at once: how long Lambda takes to have enough environments, and what it refuses until then. */
export const coldWave = (perSecond: number) => {
  const { requestsPerEnvironment, newEnvironments, newEnvironmentsSeconds } = quotas.lambda
  const needed = Math.ceil(perSecond / requestsPerEnvironment)
  let environments = 0
  let allowance: number = newEnvironments
  let refused = 0
  let seconds = 0
  while (true) {
    const added = Math.min(needed - environments, allowance)
    environments += added
    if (environments >= needed) return { seconds, refused, environments }
    allowance = Math.min(newEnvironments, allowance - added + newEnvironments / newEnvironmentsSeconds)
    refused += perSecond - environments * requestsPerEnvironment
    seconds += 1
  }
}

/** A table that never had traffic: how long until it serves a load that came at once and stays, as an on-demand table doubles its peak. */
export const minutesUntilServed = (units: number, kind: 'readUnits' | 'writeUnits'): number => {
  let minutes = 0
  for (let served: number = quotas.newTable[kind]; served < units; served *= 2)
    minutes += quotas.newTable.minutesToDouble
  return minutes
}
