import type { ThrottleRule } from '../limits/throttle-rule.ts'
import { windowAt } from '../limits/throttle-rule.ts'

export type FloodGateDependencies = {
  readonly countAttempt: (rule: ThrottleRule, subject: string) => Promise<number>
  readonly now: () => number
}

/** Both with the same window. */
export type FloodGateRules = { readonly perSource: ThrottleRule; readonly perGroup: ThrottleRule }

/** Decides whether a refusal is recorded: limited per source, and per group of sources, in a window. */
export type FloodGate = (
  group: string,
  source: string,
  /** The scope in which a source is counted. Default: its group. */
  scope?: string,
) => Promise<boolean>

/**
 * Limits the writes and costs that unauthenticated requests can cause. All containers share the counts. A container that has reached a
 * limit makes no more calls in that window.
 */
export const makeFloodGate = (
  { countAttempt, now }: FloodGateDependencies,
  { perSource, perGroup }: FloodGateRules,
): FloodGate => {
  let windowStart = 0
  const shut = new Set<string>()
  return async (group, source, scope = group) => {
    const { startSeconds } = windowAt(perGroup, now())
    if (startSeconds !== windowStart) shut.clear()
    windowStart = startSeconds
    const ofSource = `${scope}\n${source}`
    if (shut.has(group) || shut.has(ofSource)) return false
    // In sequence: a source above its own limit must not use up the limit of its group.
    const sourceIsOver = (await countAttempt(perSource, ofSource)) > perSource.attempts
    if (sourceIsOver) {
      shut.add(ofSource)
      return false
    }
    const groupIsOver = (await countAttempt(perGroup, group)) > perGroup.attempts
    if (groupIsOver) shut.add(group)
    return !groupIsOver
  }
}
