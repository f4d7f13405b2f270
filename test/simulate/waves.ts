import { keys } from '../../lib/table/keys.ts'
import { quotas } from './quotas.ts'
import { randomFrom } from './random.ts'

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

/** The stored ranges of all of AWS, in units of 4 KB (2026-11-22). */
const rangeUnits = 18

/**
 * Containers that start in one second and read the whole list, each the copy that the product's key gives to its chance: the seconds that
 * the partition takes that most of them chose.
 *
 * @param reads of one container: 2 if the list was just accepted, because it may have replaced the ranges during the first
 */
export const rangesWave = (containers: number, copies: number, reads: number) => {
  const random = randomFrom(1)
  const units = new Map<string, number>()
  for (let read = 0; read < containers * reads; read += 1) {
    const { pk } = keys.providerRanges('AWS', '', Math.floor(random() * copies))
    units.set(pk, (units.get(pk) ?? 0) + rangeUnits)
  }
  const most = Math.max(...units.values())
  return { units: containers * reads * rangeUnits, most, seconds: most / quotas.partition.readUnits }
}
