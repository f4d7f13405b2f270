import type { ThrottleRule } from '../limits/throttle-rule.ts'
import { windowAt } from '../limits/throttle-rule.ts'

export type FloodGateDependencies = {
  readonly countAttempt: (rule: ThrottleRule, subject: string) => Promise<number>
  readonly now: () => number
}

/** Both with the same window. */
export type FloodGateRules = { readonly perSource: ThrottleRule; readonly perGroup: ThrottleRule }

/** May this one be written down? At most so many of one source, and of one group of sources, in a window. */
export type FloodGate = (
  group: string,
  source: string,
  /** Within what a source counts as one: its group, unless given. */
  scope?: string,
) => Promise<boolean>

/**
 * Keeps what strangers can cause from filling the table or the bill. The count is shared by all copies of a function; a copy that
 * has seen a limit reached asks no more in that window, so that past the limit a request costs not even the count.
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
    // One after the other: what a source asks beyond its own part must not use up the group's, at however many copies of a function.
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
