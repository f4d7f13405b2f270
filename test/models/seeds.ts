import * as fc from 'fast-check'
import { expect, it } from 'vitest'

/**
 * Properties of random input, each tried from a fixed seed and from a new one.
 *
 * `MODEL_RUNS` = how many runs from a new seed (`npm run prove`: many; default: a third of those from the fixed one). `MODEL_SEED`,
 * `MODEL_PATH` and `MODEL_REPLAY` = what a failure printed, to see it again.
 */
const wantedRuns = process.env['MODEL_RUNS']
const isLong = wantedRuns !== undefined
const again = { seed: process.env['MODEL_SEED'], path: process.env['MODEL_PATH'] }
/** What fast-check needs beside seed and path to carry out the same commands of a sequence. */
export const replayPath = process.env['MODEL_REPLAY']
/** Always tried, so that what it finds does not depend on luck. */
const fixedSeed = 20_261_121
const shrinkMilliseconds = isLong ? 600_000 : 60_000

type Property<Input extends [unknown, ...unknown[]]> = {
  readonly input: { readonly [K in keyof Input]: fc.Arbitrary<Input[K]> }
  /** @param story what was done, one line each: a failure tells it */
  readonly holds: (story: string[], ...input: Input) => Promise<void>
}

/** @param open called when the hooks of the file are over. @param runs for the fixed seed; a third of them for the new one */
export const holdsForSeeds = <Input extends [unknown, ...unknown[]]>(
  title: string,
  runs: number,
  open: () => Property<Input>,
): void => {
  const seeds = again.seed === undefined ? [fixedSeed, Date.now() % 2_147_483_647] : [Number(again.seed)]
  const timeout = isLong ? 24 * 3_600_000 : shrinkMilliseconds + 180_000
  it.each(seeds)(`${title} (seed %i)`, { timeout }, async (seed) => {
    const { input, holds } = open()
    let done = 0
    let smallest: { readonly fault: unknown; readonly story: readonly string[] } | undefined
    let failedAt = Number.POSITIVE_INFINITY
    const property = fc.asyncProperty<Input>(...input, async (...drawn) => {
      // A failure is made smaller for so long; what is untried then counts as passed.
      if (Date.now() - failedAt > shrinkMilliseconds) return
      const story: string[] = []
      try {
        await holds(story, ...drawn)
      } catch (fault) {
        failedAt = Math.min(failedAt, Date.now())
        smallest = { fault, story }
        throw fault
      }
      done += story.length
    })
    const found = await fc.check(property, {
      seed,
      numRuns: seed === fixedSeed ? runs : isLong ? Number(wantedRuns) : Math.ceil(runs / 3),
      ...(again.path === undefined ? {} : { path: again.path }),
    })
    if (isLong) process.stderr.write(`The model: seed ${seed}, ${found.numRuns} runs, ${done} steps.\n`)
    if (smallest !== undefined) {
      const { fault, story } = smallest
      const replay = /replayPath=\\?"([^"\\]+)/.exec(fc.stringify(found.counterexample?.[0]))?.[1]
      const where = [
        `MODEL_SEED=${seed} MODEL_PATH=${found.counterexamplePath}`,
        ...(replay === undefined ? [] : [`MODEL_REPLAY=${replay}`]),
      ]
      throw new Error(
        [
          fault instanceof Error ? fault.message : String(fault),
          '',
          ...story.map((said, index) => `${index + 1}. ${said}`),
          '',
          `See it again: ${where.join(' ')}`,
        ].join('\n'),
        { cause: fault },
      )
    }
    // A test that tries nothing proves nothing.
    if (again.path === undefined) expect(done).toBeGreaterThan(runs)
  })
}
