import type { Wait } from '../access/time-limit.ts'
import type { ReservedAttempt, ThrottleRule } from '../throttle/throttle-rule.ts'
import {
  loginPerAccountAndSource,
  loginPerSource,
  retryAfterSeconds,
  sourceOf,
} from '../throttle/throttle-rule.ts'
import { formatAddress, parseAddress } from '../whitelist/address.ts'

export type LoginAttemptDependencies = {
  /** Takes one of the attempts of the window in which `at` lies. */
  readonly reserveAttempt: (attempt: ReservedAttempt) => Promise<'reserved' | 'under_way' | 'spent'>
  readonly returnAttempt: (attempt: ReservedAttempt) => Promise<void>
  readonly failAttempt: (attempt: ReservedAttempt) => Promise<void>
  readonly wait: Wait
  readonly now: () => number
}

/** Leave to verify one password. It is settled once; what comes later says nothing any more. */
export type LoginAttempt = {
  /** The password was right, or nobody came to know whether it was. */
  readonly giveBack: () => Promise<void>
  /** It stays used up for the rest of the window. */
  readonly fail: () => Promise<void>
}

export type BegunLogin =
  | { readonly ok: true; readonly attempt: LoginAttempt }
  | { readonly ok: false; readonly retryAfterSeconds: number }

type Counter = { readonly rule: ThrottleRule; readonly subject: string }

/** Per account and source, so that an attacker shuts out nobody but himself; per source, against one guess at many accounts. */
const countersFor = (name: string, address: string): Counter[] => {
  const parsed = parseAddress(address)
  const source = sourceOf(parsed === undefined ? address : formatAddress(parsed))
  return [
    { rule: loginPerAccountAndSource, subject: `${name}\n${source}` },
    { rule: loginPerSource, subject: source },
  ]
}

/** Some six seconds in all: callers still listen, and the function has time left for the work. */
const rounds = 16
const pauseMilliseconds = (round: number): number => Math.min(500, 100 + 50 * round)

/**
 * Reserved before the hash is made: never are more passwords under way than may still fail, so that parallel guesses cannot slip in
 * (L3) and a flood costs no hashing. Who finds all attempts under way waits for those that come back, since forty machines behind
 * one address that start together all have the right password; who finds them failed is refused at once.
 */
export const beginLogin = async (
  dependencies: LoginAttemptDependencies,
  name: string,
  address: string,
): Promise<BegunLogin> => {
  const counters = countersFor(name, address)
  for (let round = 0; ; round += 1) {
    const at = dependencies.now()
    const reserved: ReservedAttempt[] = []
    const refusal = await reserveAll(dependencies, counters, at, reserved)
    if (refusal === null) return { ok: true, attempt: attemptOf(dependencies, reserved) }
    await returnAll(dependencies, reserved)
    if (refusal.spent) return { ok: false, retryAfterSeconds: retryAfterSeconds(refusal.rule, at) }
    if (round === rounds) return { ok: false, retryAfterSeconds: 1 }
    await dependencies.wait(pauseMilliseconds(round))
  }
}

/** One after the other: a refusal then costs one write. @returns what stood in the way */
const reserveAll = async (
  dependencies: LoginAttemptDependencies,
  counters: readonly Counter[],
  at: number,
  reserved: ReservedAttempt[],
): Promise<{ readonly rule: ThrottleRule; readonly spent: boolean } | null> => {
  for (const counter of counters) {
    const attempt = { ...counter, at }
    try {
      const outcome = await dependencies.reserveAttempt(attempt)
      if (outcome !== 'reserved') return { rule: counter.rule, spent: outcome === 'spent' }
    } catch (fault) {
      await returnAll(dependencies, reserved)
      throw fault
    }
    reserved.push(attempt)
  }
  return null
}

const returnAll = async (
  { returnAttempt }: LoginAttemptDependencies,
  reserved: readonly ReservedAttempt[],
): Promise<void> => {
  await Promise.all(reserved.map(returnAttempt))
}

const attemptOf = (
  dependencies: LoginAttemptDependencies,
  reserved: readonly ReservedAttempt[],
): LoginAttempt => {
  let isSettled = false
  const settle = async (each: (attempt: ReservedAttempt) => Promise<void>): Promise<void> => {
    if (isSettled) return
    isSettled = true
    await Promise.all(reserved.map(each))
  }
  return {
    giveBack: () => settle(dependencies.returnAttempt),
    fail: () => settle(dependencies.failAttempt),
  }
}
