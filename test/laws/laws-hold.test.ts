import { writeFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arbitraryCommands, arbitraryNumbers } from './commands.ts'
import { diceOf } from './dice.ts'
import type { Run } from './run.ts'
import { startRun } from './run.ts'
import type { Scene } from './scene.ts'
import { makeScene } from './scene.ts'
import type { Beginning } from './start.ts'
import { makeBeginning } from './start.ts'
import type { System } from './system.ts'
import { openSystem } from './system.ts'

/**
 * The laws of the rights model (docs/access.md) over random calls of random callers, against the real functions.
 *
 * `LAWS_MINUTES` = how long to go on (`npm run prove`: an hour), instead of two sequences. `LAWS_SEED`, `LAWS_CALLS`, `LAWS_PATH` and `LAWS_REPLAY` = what a
 * failure printed, to see that one sequence again; with `LAWS_MINUTES` it is made smaller for so long. `LAWS_CALLS` = at most so many calls in one sequence.
 */
const minutes = process.env['LAWS_MINUTES']
const limit = minutes === undefined ? null : Number(minutes) * 60_000
const isLong = (limit ?? 0) > 120_000
const firstSeed = Number(process.env['LAWS_SEED'] ?? Date.now() % 2_147_483_647)
const path = process.env['LAWS_PATH']
const replay = process.env['LAWS_REPLAY']
const mostCalls = Number(process.env['LAWS_CALLS'] ?? '80')
const questionsAtTheEnd = 150
/** A failure is made smaller for at most so long. */
const shrinkMilliseconds = isLong ? 600_000 : 90_000
/** Without `LAWS_MINUTES`: a number and not a time, so that a busy machine tries as many. */
const sequences = path === undefined ? 2 : 1
/** Sequences may be short, by chance: then there are more of them. */
const fewestCalls = 40

let system: System
let beginning: Beginning
const counts = { runs: 0, calls: 0, observations: 0 }
const accepted = new Map<string, number>()

const say = (text: string): void => void process.stderr.write(`${text}\n`)

beforeAll(async () => {
  system = await openSystem()
  beginning = await makeBeginning(system)
})
afterAll(() => system?.close())

const count = (run: Run): void => {
  const { calls, observations, accepted: kinds } = run.counts()
  counts.runs += 1
  counts.calls += calls
  counts.observations += observations
  for (const [kind, times] of Object.entries(kinds)) accepted.set(kind, (accepted.get(kind) ?? 0) + times)
}

/** @param replayPath which of the commands were carried out: fast-check makes a sequence smaller by it */
const lawsHold = (replayPath: string | undefined) =>
  fc.asyncProperty(arbitraryCommands(mostCalls, replayPath), arbitraryNumbers, async (commands, numbers) => {
    await system.restore(beginning.items)
    const run = startRun(system, beginning)
    try {
      await fc.asyncModelRun(() => ({ model: { run }, real: run }), commands)
      await run.finish(diceOf(numbers), questionsAtTheEnd)
    } finally {
      count(run)
    }
  })

const check = (
  seed: number,
  milliseconds: number | null,
  from: string | undefined,
  replayPath: string | undefined,
) =>
  fc.check(lawsHold(replayPath), {
    seed,
    ...(from === undefined ? {} : { path: from }),
    ...(milliseconds === null
      ? { numRuns: sequences, endOnFailure: true }
      : { numRuns: 1_000_000, interruptAfterTimeLimit: milliseconds, markInterruptAsFailure: false }),
  })

const replayPathOf = ({ counterexample }: Awaited<ReturnType<typeof check>>): string | undefined =>
  /replayPath=\\?"([^"\\]+)/.exec(fc.stringify(counterexample))?.[1]

const tableOf = (): string =>
  [...accepted]
    .sort(([, one], [, other]) => other - one)
    .map(([kind, times]) => `${kind} ${times}`)
    .join(', ')

describe('the laws of the rights model', () => {
  it('hold for any calls of any callers, in any order, races included', {
    timeout: (limit ?? 60_000) + shrinkMilliseconds + 60_000,
  }, async () => {
    const againBy = (seed: number) => `LAWS_SEED=${seed} LAWS_CALLS=${mostCalls}`
    say(
      `The laws: ${againBy(firstSeed)}${path === undefined ? '' : ` LAWS_PATH=${path}`}, ${minutes === undefined ? `${sequences} ${sequences === 1 ? 'run' : 'runs'}` : `${minutes} min`}.`,
    )
    let seed = firstSeed
    let found = await check(seed, limit, path, replay)
    while (!found.failed && path === undefined && counts.calls < fewestCalls) {
      seed += 1
      found = await check(seed, limit, path, replay)
    }
    say(`The laws: ${counts.runs} runs, ${counts.calls} calls, ${counts.observations} questions.`)
    say(`The laws: accepted ${tableOf()}.`)
    if (found.failed) {
      // It is not made smaller yet, or time ran out in the middle of that: go on from there.
      const from = found.counterexamplePath ?? path
      const smaller =
        found.interrupted || (limit === null && path === undefined)
          ? await check(seed, shrinkMilliseconds, from, replayPathOf(found) ?? replay)
          : found
      const last = smaller.failed ? smaller : found
      const replayed = `LAWS_PATH=${last.counterexamplePath ?? ''} LAWS_REPLAY=${replayPathOf(last) ?? ''}`
      const cause =
        last.errorInstance instanceof Error ? last.errorInstance.message : String(last.errorInstance)
      const where = `${againBy(seed)} ${replayed}`
      const report = `${cause}\n\nSee it again: ${where}`
      if (process.env['LAWS_REPORT'] !== undefined) writeFileSync(process.env['LAWS_REPORT'], report)
      throw new Error(report)
    }
    if (path === undefined) expect(counts.observations).toBeGreaterThan(counts.calls)
  })
})

/** Faults that the laws found. Each stays here in the fewest calls; the laws judge them as they judge all others. */
const play = async (calls: (scene: Scene) => Promise<void>): Promise<void> => {
  await system.restore(beginning.items)
  await calls(makeScene(startRun(system, beginning, 0), diceOf([0])))
}

const visitor = 'visitor@laws.example'
const shareAll = { everySection: { level: 'write', except: [] }, sections: {} } as const

describe('what the laws found', () => {
  it('No gain: home gives back nothing elsewhere by enabling a user again', () =>
    play(async ({ call, ask, user, newest }) => {
      const session = newest(visitor)
      const change = (status: 'active' | 'disabled') =>
        ({ kind: 'change-user', userId: user(visitor), fields: { status }, rehearse: false }) as const
      expect(await call('third-admin', change('disabled'))).toBe(200)
      expect(await call('third-admin', change('active'))).toBe(200)
      await ask(session, 'gw2', 'GET', '/a')
      expect(await call('second-admin', { kind: 'confirm', userId: user(visitor) })).toBe(200)
    }))

  it('No way back: a session for an API is good for no other that takes its audience', () =>
    play(async ({ call, ask, api, newest }) => {
      await call(null, { kind: 'client-credentials', keyId: newest('machine'), audience: api('shop') })
      const audience = 'https://shop.laws.example'
      const away = { kind: 'change-api', api: api('shop'), audience: 'https://other.example' } as const
      expect(await call('first-admin', away)).toBe(200)
      expect(await call('second-admin', { kind: 'change-api', api: api('desk'), audience })).toBe(409)
      expect(await call('first-admin', { kind: 'create-api', name: 'new', audience })).toBe(409)
      expect(await call('first-admin', { ...away, audience })).toBe(200)
      await ask('machine', 'gw1', 'GET', '/shop/a')
    }))

  it('Names stay: also those that permissions of another organization name', () =>
    play(async ({ call, api, organization, user }) => {
      const north = { api: api('shop'), name: 'north' }
      const other = { api: api('shop'), organizationId: organization('second-admin') }
      const forget = (username: string) =>
        call('first-admin', {
          kind: 'change-user',
          userId: user(username),
          fields: { permissions: [] },
          rehearse: false,
        })
      await call('first-admin', { kind: 'share', ...other, entitlement: shareAll })
      await forget('plain')
      await forget('manager')
      expect(await call('first-admin', { kind: 'delete-section', ...north })).toBe(409)
      // Nobody sees what a share that ended left over, until there is a share again.
      expect(await call('first-admin', { kind: 'unshare', ...other })).toBe(204)
      expect(await call('first-admin', { kind: 'delete-section', ...north })).toBe(204)
      await call('first-admin', { kind: 'share', ...other, entitlement: shareAll })
      const anew = {
        kind: 'create-section',
        ...north,
        entries: [{ pattern: 'GET /b', level: 'read' }],
      } as const
      expect(await call('first-admin', anew)).toBe(409)
    }))
})
