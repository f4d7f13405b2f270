import type { Wait } from '../effects/time-limit.ts'
import { within } from '../effects/time-limit.ts'
import type { Counter, ReservationOutcome, ReservedAttempt } from '../limits/throttle-rule.ts'
import { reservationLifetimeSeconds, retryAfterSeconds } from '../limits/throttle-rule.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import { randomId } from '../secrets/secret-text.ts'

export type LoginAttemptDependencies = {
  /** Takes one of the attempts that a rule allows; of a rule with windows, in the window in which `at` lies. */
  readonly reserveAttempt: (attempt: ReservedAttempt) => Promise<ReservationOutcome>
  readonly returnAttempt: (attempt: ReservedAttempt) => Promise<void>
  readonly failAttempt: (attempt: ReservedAttempt) => Promise<void>
  /** As returned, and where failures in a row are counted, their row ends. */
  readonly succeedAttempt: (attempt: ReservedAttempt) => Promise<void>
  readonly wait: Wait
  readonly now: () => number
  readonly randomBytes: RandomBytes
}

/**
 * The attempts that one login has reserved, to verify one password. They are settled once; what comes later changes nothing.
 * Settling does not throw: an attempt whose end could not be written stays taken until it is dead, and the answer stays the same.
 */
export type LoginAttempt = {
  /** Takes one attempt of each counter, or none. @returns what stood in the way, null when all are taken */
  readonly reserve: (counters: readonly Counter[]) => Promise<AttemptRefusal | null>
  /** No password was verified. */
  readonly giveBack: () => Promise<void>
  /** As `giveBack`, after a fault of ours: does not wait long. */
  readonly abandon: () => Promise<void>
  /** The password was wrong: the attempts stay used up. */
  readonly fail: () => Promise<void>
  /** The password was right. */
  readonly succeed: () => Promise<void>
}

export type AttemptRefusal = {
  /** `under-way`: all attempts were taken, and not all of them have failed. */
  readonly why: 'spent-in-window' | 'spent-in-a-row' | 'under-way'
  readonly retryAfterSeconds: number
}

/** In seconds. No time ends a row of failures, but callers that repeat by themselves must be told some pause. */
const pauseInARow = 900

/** Some three seconds in all: enough for a crowd of right logins, ten at a time, and a flood keeps no function for longer. */
const rounds = 9
const pauseMilliseconds = (round: number): number => Math.min(500, 100 + 50 * round)

/**
 * Attempts are reserved before the password is verified: the passwords under way and those that failed are never more than a rule
 * allows, so parallel guesses cannot slip in (L3) and a flood costs no hashing. If all attempts are taken and some of them are still
 * under way, `reserve` waits for one to finish: forty machines behind one address that start together all have the right password.
 * If all of them have failed, it refuses at once.
 */
export const openLoginAttempt = (dependencies: LoginAttemptDependencies): LoginAttempt => {
  const cameAtSeconds = Math.floor(dependencies.now() / 1000)
  let held: readonly ReservedAttempt[] = []
  /** Of all calls of `reserve` together. */
  let waits = 0

  /** One after the other, so that a refusal by the first costs one write. */
  const reserveAll = async (attempts: readonly ReservedAttempt[]): Promise<Refused | null> => {
    const heldBefore = held
    for (const [index, attempt] of attempts.entries()) {
      // Held before the answer: if only the answer is lost, the attempt was taken all the same.
      held = [...held, attempt]
      const outcome = await dependencies.reserveAttempt(attempt)
      if (outcome !== 'reserved') {
        held = heldBefore
        await settleAll(attempts.slice(0, index), dependencies.returnAttempt)
        return { attempt, outcome }
      }
    }
    return null
  }

  const reserve = async (counters: readonly Counter[]): Promise<AttemptRefusal | null> => {
    for (;;) {
      const at = dependencies.now()
      const id = randomId(8, dependencies.randomBytes)
      const refused = await reserveAll(counters.map((counter) => ({ ...counter, at, id })))
      if (refused === null) return null
      const isLast = refused.outcome === 'spent' || waits === rounds
      if (isLast) return refusalOf(refused, cameAtSeconds)
      await dependencies.wait(pauseMilliseconds(waits))
      waits += 1
    }
  }

  const settle = async (each: Settle): Promise<void> => {
    const mine = held
    held = []
    await settleAll(mine, each)
  }
  const giveBack = () => settle(dependencies.returnAttempt)
  return {
    reserve,
    giveBack,
    // A table that did not answer once may not answer now, and a function that is cut off says 500 instead of 503 (F3).
    abandon: async () => (held.length === 0 ? undefined : within(dependencies.wait, 500, giveBack())),
    fail: () => settle(dependencies.failAttempt),
    succeed: () => settle(dependencies.succeedAttempt),
  }
}

type Settle = (attempt: ReservedAttempt) => Promise<void>

const settleAll = async (attempts: readonly ReservedAttempt[], settle: Settle): Promise<void> => {
  await Promise.allSettled(attempts.map(settle))
}

type Refused = {
  readonly attempt: ReservedAttempt
  readonly outcome: Exclude<ReservationOutcome, 'reserved'>
}

const refusalOf = ({ attempt: { rule, at }, outcome }: Refused, cameAtSeconds: number): AttemptRefusal => {
  if (outcome !== 'spent') {
    const wait = freeAfterSeconds(outcome.underWaySinceSeconds, cameAtSeconds, at)
    return { why: 'under-way', retryAfterSeconds: wait }
  }
  return rule.windowSeconds === null
    ? { why: 'spent-in-a-row', retryAfterSeconds: pauseInARow }
    : { why: 'spent-in-window', retryAfterSeconds: retryAfterSeconds(rule, at) }
}

/** If reservations came and went while this login waited, one is free soon. If the oldest stood all that time, it may end only by dying. */
const freeAfterSeconds = (underWaySinceSeconds: number, cameAtSeconds: number, now: number): number => {
  if (underWaySinceSeconds > cameAtSeconds) return 1
  const diesAtSeconds = underWaySinceSeconds + reservationLifetimeSeconds + 1
  return Math.max(1, diesAtSeconds - Math.floor(now / 1000))
}
