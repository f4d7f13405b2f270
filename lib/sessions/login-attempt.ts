import type { Wait } from '../access/time-limit.ts'
import { within } from '../access/time-limit.ts'
import type { RandomBytes } from '../credentials/secret-text.ts'
import { randomId } from '../credentials/secret-text.ts'
import type { ReservationOutcome, ReservedAttempt, ThrottleRule } from '../throttle/throttle-rule.ts'
import {
  loginPerAccountAndSource,
  loginPerSource,
  reservationLifetimeSeconds,
  retryAfterSeconds,
  sourceOf,
} from '../throttle/throttle-rule.ts'
import { formatAddress, parseAddress } from '../whitelist/address.ts'

export type LoginAttemptDependencies = {
  /** Takes one of the attempts of the window in which `at` lies. */
  readonly reserveAttempt: (attempt: ReservedAttempt) => Promise<ReservationOutcome>
  readonly returnAttempt: (attempt: ReservedAttempt) => Promise<void>
  readonly failAttempt: (attempt: ReservedAttempt) => Promise<void>
  readonly wait: Wait
  readonly now: () => number
  readonly randomBytes: RandomBytes
}

/**
 * Leave to verify one password. It is settled once; what comes later says nothing any more. Settling does not throw: what could not
 * be written stays taken until it is dead, and that is no fault of the caller.
 */
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

/** Some three seconds in all: ten at a time, a crowd is through by then, and a flood of callers keeps no function for longer. */
const rounds = 9
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
  const cameAtSeconds = Math.floor(dependencies.now() / 1000)
  for (let round = 0; ; round += 1) {
    const at = dependencies.now()
    const id = randomId(8, dependencies.randomBytes)
    const attempts = counters.map((counter): ReservedAttempt => ({ ...counter, at, id }))
    const refusal = await reserveAll(dependencies, attempts)
    if (refusal === null) return { ok: true, attempt: attemptOf(dependencies, attempts) }
    const { outcome, rule } = refusal
    if (outcome === 'spent') return { ok: false, retryAfterSeconds: retryAfterSeconds(rule, at) }
    if (round === rounds)
      return {
        ok: false,
        retryAfterSeconds: freeAfterSeconds(outcome.underWaySinceSeconds, cameAtSeconds, at),
      }
    await dependencies.wait(pauseMilliseconds(round))
  }
}

/** Those that came and went all the while will go on doing so; one that stood there all the while may only end with its life. */
const freeAfterSeconds = (underWaySinceSeconds: number, cameAtSeconds: number, now: number): number => {
  if (underWaySinceSeconds > cameAtSeconds) return 1
  const diesAtSeconds = underWaySinceSeconds + reservationLifetimeSeconds + 1
  return Math.max(1, diesAtSeconds - Math.floor(now / 1000))
}

/** One after the other, and all or none: a refusal then costs one write. @returns what stood in the way */
const reserveAll = async (
  dependencies: LoginAttemptDependencies,
  attempts: readonly ReservedAttempt[],
): Promise<{
  readonly rule: ThrottleRule
  readonly outcome: Exclude<ReservationOutcome, 'reserved'>
} | null> => {
  for (const [index, attempt] of attempts.entries()) {
    let outcome: ReservationOutcome
    try {
      outcome = await dependencies.reserveAttempt(attempt)
    } catch (fault) {
      // This one may have been taken all the same: only the answer was lost.
      const taken = attempts.slice(0, index + 1)
      await soon(dependencies, settleAll(taken, dependencies.returnAttempt))
      throw fault
    }
    if (outcome !== 'reserved') {
      await settleAll(attempts.slice(0, index), dependencies.returnAttempt)
      return { rule: attempt.rule, outcome }
    }
  }
  return null
}

/**
 * After a fault nobody waits long for what was taken to be given back: a table that did not answer once may not answer now, and a
 * function that is cut off says 500 instead of 503 (F3). What stays taken dies by itself.
 */
export const soon = ({ wait }: Pick<LoginAttemptDependencies, 'wait'>, work: Promise<void>): Promise<void> =>
  within(wait, 500, work)

const settleAll = async (
  attempts: readonly ReservedAttempt[],
  settle: (attempt: ReservedAttempt) => Promise<void>,
): Promise<void> => {
  await Promise.allSettled(attempts.map(settle))
}

const attemptOf = (
  dependencies: LoginAttemptDependencies,
  reserved: readonly ReservedAttempt[],
): LoginAttempt => {
  let isSettled = false
  const settle = async (each: (attempt: ReservedAttempt) => Promise<void>): Promise<void> => {
    if (isSettled) return
    isSettled = true
    await settleAll(reserved, each)
  }
  return {
    giveBack: () => settle(dependencies.returnAttempt),
    fail: () => settle(dependencies.failAttempt),
  }
}
