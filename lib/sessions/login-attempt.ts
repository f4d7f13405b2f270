import type { Wait } from '../effects/time-limit.ts'
import { within } from '../effects/time-limit.ts'
import type { Counter, ReservationOutcome, ReservedAttempt } from '../limits/throttle-rule.ts'
import { reservationLifetimeSeconds, retryAfterSeconds } from '../limits/throttle-rule.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import { randomId } from '../secrets/secret-text.ts'

export type LoginAttemptDependencies = {
  /** Takes one of the attempts that a rule allows, in the window of `at` if the rule has windows. */
  readonly reserveAttempt: (attempt: ReservedAttempt) => Promise<ReservationOutcome>
  readonly returnAttempt: (attempt: ReservedAttempt) => Promise<void>
  readonly failAttempt: (attempt: ReservedAttempt) => Promise<void>
  /** Returns the attempt and resets a count of failures in a row. */
  readonly succeedAttempt: (attempt: ReservedAttempt) => Promise<void>
  readonly wait: Wait
  readonly now: () => number
  readonly randomBytes: RandomBytes
}

/**
 * The reserved attempts of one login, to verify one password. They are settled once; later calls have no effect. Settling does not throw:
 * if the write fails, the attempt stays taken until it expires.
 */
export type LoginAttempt = {
  /** Takes one attempt of each counter, or none. @returns the refusal, null if all are taken */
  readonly reserve: (counters: readonly Counter[]) => Promise<AttemptRefusal | null>
  /** No password was verified. */
  readonly giveBack: () => Promise<void>
  /** Like `giveBack`, after an internal error: waits only briefly. */
  readonly abandon: () => Promise<void>
  /** The password was wrong: the attempts stay used up. */
  readonly fail: () => Promise<void>
  /** The password was right. */
  readonly succeed: () => Promise<void>
}

export type AttemptRefusal = {
  /** `under-way`: all attempts are taken, and some of them are in flight. */
  readonly why: 'spent-in-window' | 'spent-in-a-row' | 'under-way'
  readonly retryAfterSeconds: number
}

/** Retry-After in seconds. A count in a row does not end with time, but automatic clients need a pause. */
const pauseInARow = 900

/** About three seconds in total: enough for a crowd of correct logins, ten at a time; bounds the time that a flood keeps a function busy. */
const rounds = 9
const pauseMilliseconds = (round: number): number => Math.min(500, 100 + 50 * round)

/**
 * Reserves attempts before the password is verified: attempts in flight plus failed ones never exceed the rule, so parallel guesses
 * cannot exceed it (L3) and a flood costs no hashing. If all attempts are taken and some are in flight, `reserve` waits for one to
 * finish, so that forty machines behind one address can start together with correct passwords. If all have failed, it refuses
 * immediately.
 */
export const openLoginAttempt = (dependencies: LoginAttemptDependencies): LoginAttempt => {
  const cameAtSeconds = Math.floor(dependencies.now() / 1000)
  let held: readonly ReservedAttempt[] = []
  /** Over all calls of `reserve`. */
  let waits = 0

  /** In order, so that a refusal by the first counter costs one write. */
  const reserveAll = async (attempts: readonly ReservedAttempt[]): Promise<Refused | null> => {
    const heldBefore = held
    for (const [index, attempt] of attempts.entries()) {
      // Recorded before the call: the attempt may be taken even if the response is lost.
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
    // The table may still fail, and a function that times out responds with 500 instead of 503 (F3).
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

/** If reservations changed while this login waited, one is free soon. If the oldest one did not, it may end only by expiring. */
const freeAfterSeconds = (underWaySinceSeconds: number, cameAtSeconds: number, now: number): number => {
  if (underWaySinceSeconds > cameAtSeconds) return 1
  const diesAtSeconds = underWaySinceSeconds + reservationLifetimeSeconds + 1
  return Math.max(1, diesAtSeconds - Math.floor(now / 1000))
}
