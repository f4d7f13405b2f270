import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { holdsForSeeds, replayPath } from './seeds.ts'

/** One thing that somebody does. */
type Deed<Model, Real> = {
  /** As a failure tells it. */
  readonly said: string
  /** Never at the same time as another one. */
  readonly isAlone?: true
  /**
   * Does it in the model.
   *
   * @param admitted the model when whoever does it was admitted: in a race, before either began
   * @returns the answer that is right: `ok`, or a code
   */
  readonly expected: (model: Model, admitted: Readonly<Model>) => string
  /** Admits whoever does it. @returns what does it then, and answers */
  readonly admit: (real: Real) => Promise<(real: Real) => Promise<string>>
}

/** A deed in the state that there is; undefined where it makes no sense. @param fresh names what the deed makes */
export type Draw<Model, Real> = (model: Readonly<Model>, fresh: () => string) => Deed<Model, Real> | undefined

export type Scene<Model, Real> = {
  readonly deeds: readonly fc.WeightedArbitrary<Draw<Model, Real>>[]
  readonly start: () => Promise<{ readonly model: Model; readonly real: Real }>
  /** The same real thing, whose requests to the table are answered in the order that the scheduler chooses. */
  readonly scheduled: (real: Real, scheduler: fc.Scheduler) => Real
  readonly stateOf: (model: Model) => unknown
  readonly observe: (real: Real, model: Model) => Promise<unknown>
  /** Answers by which one of two racing deeds says that it did nothing because of the other. */
  readonly givingWay: readonly string[]
}

type Size = {
  /** Sequences for the fixed seed; a third of them for the new one. */
  readonly runs: number
  /** Deeds in a sequence, at most. */
  readonly length: number
}

/** @param openScene called when the hooks of the file are over */
export const agreesWithModel = <Model extends object, Real>(
  openScene: () => Scene<Model, Real>,
  { runs, length }: Size,
): void =>
  holdsForSeeds('agrees with its model, whatever is done in which order', runs, () => {
    const scene = openScene()
    return {
      input: [sequences(scene, length), fc.scheduler()],
      holds: async (story, sequence, scheduler) => {
        const { model, real } = await scene.start()
        const run: Run<Model, Real> = { scene, real, scheduler, story, made: 0 }
        await fc.asyncModelRun(() => ({ model, real: run }), sequence)
      },
    }
  })

type Run<Model, Real> = {
  readonly scene: Scene<Model, Real>
  readonly real: Real
  readonly scheduler: fc.Scheduler
  readonly story: string[]
  made: number
}

/** One in six is two deeds at once. */
const sequences = <Model extends object, Real>({ deeds }: Scene<Model, Real>, length: number) => {
  const draw = fc.oneof(...deeds)
  return fc.commands(
    [
      fc.oneof(
        { arbitrary: draw.map(single), weight: 5 },
        { arbitrary: fc.tuple(draw, draw).map(race), weight: 1 },
      ),
    ],
    {
      maxCommands: length,
      size: 'max',
      ...(replayPath === undefined ? {} : { replayPath }),
    },
  )
}

const freshIn =
  <Model, Real>(run: Run<Model, Real>) =>
  (): string => {
    run.made += 1
    return `#${run.made}`
  }

const single = <Model extends object, Real>(
  draw: Draw<Model, Real>,
): fc.AsyncCommand<Model, Run<Model, Real>> => ({
  check: (model) => draw(model, () => '') !== undefined,
  run: async (model, run) => {
    const deed = draw(model, freshIn(run))
    if (deed === undefined) return
    const { scene, real, story } = run
    const wanted = deed.expected(model, structuredClone(model))
    story.push(`${deed.said}: ${wanted}`)
    const done = await deed.admit(real)
    expect(await done(real), deed.said).toBe(wanted)
    expect(await scene.observe(real, model)).toEqual(scene.stateOf(model))
  },
})

const canRace = (deed: { readonly isAlone?: true } | undefined): boolean =>
  deed !== undefined && deed.isAlone !== true

/** Two deeds at once come to what one after the other would come to, or to one of them alone where the other gave way. */
const race = <Model extends object, Real>([one, other]: readonly [
  Draw<Model, Real>,
  Draw<Model, Real>,
]): fc.AsyncCommand<Model, Run<Model, Real>> => ({
  check: (model) => [one, other].every((draw) => canRace(draw(model, () => ''))),
  run: async (model, run) => {
    const { scene, scheduler, story } = run
    const fresh = freshIn(run)
    const deeds = [one(model, fresh), other(model, fresh)].filter((deed) => deed !== undefined)
    const said = deeds.map((deed) => deed.said).join(' ∥ ')
    const real = scene.scheduled(run.real, scheduler)
    const racing = await Promise.all(deeds.map((deed) => deed.admit(run.real)))
    const answers = await scheduler.waitFor(Promise.all(racing.map((done) => done(real))))
    story.push(`${said}: ${answers.join(', ')}`)
    const observed = await scene.observe(run.real, model)

    const gaveWay = (index: number) => scene.givingWay.includes(answers[index] ?? '')
    const histories = [[0, 1], [1, 0], ...(gaveWay(1) ? [[0]] : []), ...(gaveWay(0) ? [[1]] : [])]
    const outcomes = histories.map((history) => {
      const after = structuredClone(model)
      const wanted = history.map((index) => deeds[index]?.expected(after, model))
      const isAnswered = history.every((index, step) => answers[index] === wanted[step])
      const state = scene.stateOf(after)
      return { after, wanted, state, fits: isAnswered && isDeepStrictEqual(observed, state) }
    })
    const fitting = outcomes.find(({ fits }) => fits)
    if (fitting !== undefined) {
      Object.assign(model, fitting.after)
      return
    }
    const wanted = outcomes.map((outcome) => outcome.wanted.join(', ')).join(' or ')
    expect(observed, `${said}: answered ${answers.join(', ')}, in turn ${wanted}`).toEqual(outcomes[0]?.state)
    throw new Error(`${said}: answered ${answers.join(', ')}, in turn ${wanted}`)
  },
})
