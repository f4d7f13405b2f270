import * as fc from 'fast-check'
import { describe, expect } from 'vitest'
import { makeRateLimiter } from '../../lib/limits/rate-limiter.ts'
import { atOnce, countersInMemory } from '../limits/rate-counters.ts'
import { holdsForSeeds } from './seeds.ts'

/** What becomes of the leave that a request gets. `late`: only after other requests have been answered. */
type End = 'taken' | 'taken late' | 'given back'
type Request = {
  readonly kind: 'request'
  readonly container: number
  readonly user: number
  readonly end: End
}
type Step =
  | Request
  | { readonly kind: 'later'; readonly seconds: number }
  | { readonly kind: 'limit'; readonly perMinute: number }
  | { readonly kind: 'counter'; readonly isDown: boolean }

const ends = fc.constantFrom<End[]>('taken', 'taken', 'taken', 'taken late', 'given back')
const requests = fc.record({
  kind: fc.constant('request' as const),
  ...{ container: fc.nat(5), user: fc.constantFrom(0, 0, 1), end: ends },
})
const changes = fc.oneof(
  // Clocks are set back, too.
  fc.record({ kind: fc.constant('later' as const), seconds: fc.constantFrom(0, 1, 30, 60, -60) }),
  fc.record({ kind: fc.constant('limit' as const), perMinute: fc.constantFrom(3, 10, 40) }),
  fc.record({ kind: fc.constant('counter' as const), isDown: fc.boolean() }),
)
const steps = fc.array(
  fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { arbitrary: requests, weight: 12 },
    { arbitrary: changes, weight: 1 },
  ),
  { maxLength: 150, size: 'max' },
)
/** The second user has a limit of its own. */
const ownLimit = 4

/** Naive: what was let pass of something that is limited, in one minute, and by which container. */
type Passed = { all: number; readonly at: Record<number, number> }
type Minute = {
  readonly ofAll: Passed
  readonly ofSecond: Passed
  largestLimit: number
  /** Requests that were given a leave, or still wait for one. */
  promised: number
  promisedToSecond: number
  /** Did the counter answer all the time? */
  isSound: boolean
  /** Was a clock set back, so that a container lost what it held? */
  isForgotten: boolean
  /** Was the second user refused, by either limit? The containers that refused it may hold some of its own limit, unused. */
  wasSecondRefused: boolean
  /** Was the organization's limit raised after that? */
  isRaisedLate: boolean
}

const told = (end: End, passes: boolean): string => (passes || end === 'given back' ? end : 'refused')

const newMinute = (): Minute => ({
  ...{ ofAll: { all: 0, at: {} }, ofSecond: { all: 0, at: {} } },
  ...{ largestLimit: 0, promised: 0, promisedToSecond: 0, isSound: true, isForgotten: false },
  ...{ wasSecondRefused: false, isRaisedLate: false },
})

const note = (passed: Passed, container: number): void => {
  passed.all += 1
  passed.at[container] = (passed.at[container] ?? 0) + 1
}

/** Containers, each with its own leases, in front of one counter that answers when the scheduler lets it. */
const fleet = (size: number, scheduler: fc.Scheduler) => {
  const clock = { now: 1_800_000_000_000, isDown: false }
  const minutes = new Map<number, Minute>()
  const minuteAt = (milliseconds: number): Minute => {
    const start = Math.floor(milliseconds / 60_000)
    const minute = minutes.get(start) ?? newMinute()
    minutes.set(start, minute)
    return minute
  }
  const counters = countersInMemory(
    ({ window }, _kind, call) =>
      new Promise((resolve, reject) => {
        const answer = () => {
          if (!clock.isDown) return resolve(call())
          minuteAt(window.startSeconds * 1000).isSound = false
          return reject(new Error('no answer'))
        }
        const builder = () => Promise.resolve(answer())
        scheduler.scheduleSequence([{ label: 'the counter', builder }])
      }),
  )
  const containers = Array.from({ length: size }, () =>
    makeRateLimiter({
      ...counters,
      behind: atOnce,
      now: () => clock.now,
      random: () => 0.5,
      onFault: () => undefined,
    }),
  )
  return { clock, minutes, minuteAt, containers }
}

const play = async (
  story: string[],
  size: number,
  wanted: readonly Step[],
  scheduler: fc.Scheduler,
): Promise<void> => {
  const { clock, minutes, minuteAt, containers } = fleet(size, scheduler)
  let limit = 10

  /** Nobody is refused while there is something left: all of it in one container, at least three eighths of it in several. */
  const isUsedUp = (minute: Minute, perMinute: number, isSecond: boolean): boolean => {
    if (!minute.isSound || minute.isForgotten) return true
    if (isSecond && size > 1 && minute.isRaisedLate) return true
    const share = size === 1 ? 1 : 3 / 8
    // Whoever asks is among those who wait.
    const isOver = minute.promised - 1 >= perMinute * share
    return isOver || (isSecond && minute.promisedToSecond - 1 >= ownLimit * share)
  }

  const late: (() => void)[] = []
  const request = async ({ container: drawn, user, end }: Request): Promise<void> => {
    const container = drawn % size
    const isSecond = user === 1
    const minute = minuteAt(clock.now)
    const perMinute = limit
    minute.largestLimit = Math.max(minute.largestLimit, perMinute)
    const promise = (by: number): void => {
      minute.promised += by
      if (isSecond) minute.promisedToSecond += by
    }
    promise(1)
    const said = story.push('') - 1
    const allowance = await containers[container]?.(
      { organizationId: 'org_1', userId: `usr_${user}` },
      { organizationPerMinute: perMinute, userPerMinute: isSecond ? ownLimit : null },
      'protected',
      'allowance',
    )
    if (allowance === undefined) throw new Error('there is no such container')
    const left = allowance.status()?.remaining ?? -1
    expect(left).toBeGreaterThanOrEqual(0)
    expect(left).toBeLessThanOrEqual(isSecond ? Math.min(ownLimit, perMinute) : perMinute)
    const wasUsedUp = isUsedUp(minute, perMinute, isSecond)
    const finish = (): void => {
      const passes = end !== 'given back' && allowance.take()
      allowance.release()
      expect(allowance.take(), 'a leave is for one request').toBe(false)
      story[said] = `user ${user} at container ${container}, limit ${perMinute}: ${told(end, passes)}`
      if (passes) {
        note(minute.ofAll, container)
        if (isSecond) note(minute.ofSecond, container)
      } else if (end !== 'given back') {
        promise(-1)
        minute.wasSecondRefused ||= isSecond
        expect(wasUsedUp, `refused while ${minute.promised} are promised`).toBe(true)
      } else if (size === 1) {
        // In one container what is given back is there for those who ask from then on.
        late.push(() => promise(-1))
      }
    }
    if (end === 'taken late') late.push(finish)
    else finish()
  }

  let running: Promise<void>[] = []
  const answered = async (): Promise<void> => {
    await scheduler.waitFor(Promise.all(running))
    running = []
    while (late.length > 0) late.shift()?.()
  }
  for (const step of wanted) {
    if (step.kind === 'request') {
      running.push(request(step))
      // So many at most wait for the counter together.
      if (running.length === 3) await answered()
      continue
    }
    await answered()
    story.push(Object.values(step).join(' '))
    if (step.kind === 'limit') {
      const minute = minuteAt(clock.now)
      minute.isRaisedLate ||= minute.wasSecondRefused && step.perMinute > limit
      limit = step.perMinute
    }
    if (step.kind === 'counter') clock.isDown = step.isDown
    if (step.kind !== 'later') continue
    clock.now += step.seconds * 1000
    if (step.seconds < 0) for (const minute of minutes.values()) minute.isForgotten = true
  }
  await answered()

  for (const { ofAll, ofSecond, largestLimit, isSound, isForgotten } of minutes.values()) {
    if (isSound) {
      expect(ofAll.all).toBeLessThanOrEqual(largestLimit)
      expect(ofSecond.all).toBeLessThanOrEqual(ownLimit)
    }
    if (isForgotten) continue
    // Without the counter each container still holds the limit by itself.
    expect(Math.max(0, ...Object.values(ofAll.at))).toBeLessThanOrEqual(largestLimit)
    expect(Math.max(0, ...Object.values(ofSecond.at))).toBeLessThanOrEqual(ownLimit)
  }
}

describe('the limit of a minute', () => {
  holdsForSeeds<[number, Step[], fc.Scheduler]>(
    'is never passed, and nobody is refused before it is used up, whichever container asks when',
    200,
    () => ({
      input: [fc.integer({ min: 1, max: 4 }), steps, fc.scheduler()],
      holds: play,
    }),
  )
})
