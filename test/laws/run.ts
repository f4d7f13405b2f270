import type { Answer } from './answer.ts'
import { succeeded } from './answer.ts'
import { worldAfter } from './apply.ts'
import { askAudits } from './audit.ts'
import type { Dice } from './dice.ts'
import { broken } from './laws.ts'
import type { Observation } from './observation.ts'
import { contradiction } from './observation.ts'
import type { OperationKind } from './operation.ts'
import type { Move, Secrets, Stage } from './perform.ts'
import { perform } from './perform.ts'
import { askGateway, everything, sample } from './probe.ts'
import { sentenceOf } from './request.ts'
import { isStanding } from './rights.ts'
import type { System } from './system.ts'
import type { DoorRequest, Proof, World } from './world.ts'

/** One sequence of calls against the real functions, with the oracle beside it. */
export type Run = {
  /** What the oracle holds for true; where a race left several worlds, the first of them. */
  readonly world: () => World
  readonly fresh: () => number
  /** Makes these calls at once, judges them by every law, and asks the system a few questions. */
  readonly step: (moves: readonly Move[], dice: Dice) => Promise<readonly Answer[]>
  /** Asks the authorizer. */
  readonly ask: (proofId: string, request: DoorRequest) => Promise<void>
  /** Asks about every proof. @param most at most about so many questions; null = every one there is */
  readonly finish: (dice: Dice, most: number | null) => Promise<void>
  readonly secrets: Secrets
  readonly counts: () => Counts
}

type Counts = {
  readonly calls: number
  readonly observations: number
  readonly accepted: Readonly<Partial<Record<OperationKind, number>>>
}

export type RunStart = {
  readonly world: World
  readonly secrets: Secrets
  /** The next number for a name. */
  readonly number: number
}

/** How many worlds a run may hold for possible: races leave one for each order that explains the answers. */
const mostWorlds = 8

const short = (text: string): string => (text.length > 400 ? `${text.slice(0, 400)}…` : text)

const lineOf = (world: World, { operation, callerId, aid }: Move, answer: Answer): string => {
  const caller = world.proofs[callerId ?? '']
  const user = world.users[caller?.userId ?? '']
  const who =
    caller === undefined
      ? 'anybody'
      : `${user?.username ?? caller.userId} of ${caller.organizationId} (${caller.proofId}${caller.actorId === null ? '' : `, acted by ${world.users[caller.actorId]?.username}`})`
  const group = aid === null ? '' : ` in account group ${aid}`
  const code = succeeded(answer) ? '' : ` ${short(JSON.stringify(answer.body) ?? '')}`
  return `${who}${group}: ${short(sentenceOf(operation))} → ${answer.status}${code}`
}

const orders = (count: number): number[][] =>
  count === 2
    ? [
        [0, 1],
        [1, 0],
      ]
    : [Array.from({ length: count }, (_, index) => index)]

const unique = (worlds: readonly World[]): World[] => {
  const seen = new Map(worlds.map((world) => [JSON.stringify(world), world]))
  return [...seen.values()].slice(0, mostWorlds)
}

/** A session of which it is not said whether it ended: once seen dead it is, and seen alive it lives. */
const settle = (world: World, observation: Observation): void => {
  if (observation.at !== 'gateway') return
  const proof = world.proofs[observation.proofId]
  if (proof === undefined || proof.kind !== 'session' || proof.state !== 'unsure') return
  if (observation.passed) proof.state = 'live'
  else if (observation.code === 'invalid_credentials' && wouldStand(world, proof)) proof.state = 'ended'
}

/** Sleeping and disabled users are refused for that; it says nothing of the session. */
const wouldStand = (world: World, { userId, organizationId, actorId }: Proof): boolean =>
  isStanding(world.users[userId], organizationId) &&
  (actorId === null || isStanding(world.users[actorId], organizationId))

/** @param asks so many questions after each step, of each kind */
export const startRun = (system: System, start: RunStart, asks = 3): Run => {
  let worlds: readonly World[] = [structuredClone(start.world)]
  const secrets: Secrets = new Map(start.secrets)
  const journal: string[] = []
  const accepted: Partial<Record<OperationKind, number>> = {}
  let number = start.number
  let calls = 0
  let observed = 0

  const world = (): World => {
    const [first] = worlds
    if (first === undefined) throw new Error('no world is left')
    return first
  }
  const fresh = (): number => {
    number += 1
    return number
  }
  const stage: Stage = { system, secrets, nextName: (what) => `${what} ${fresh()}` }

  const fail = (sentences: readonly string[]): never => {
    throw new Error([...new Set(sentences), '', 'The calls:', ...journal].join('\n'))
  }

  const judge = (moves: readonly Move[], answers: readonly Answer[]): void => {
    const breaches: string[] = []
    const next = worlds.flatMap((before) =>
      orders(moves.length).flatMap((order) => {
        let now = before
        for (const index of order) {
          const move = moves[index]
          const answer = answers[index]
          if (move === undefined || answer === undefined) continue
          const { operation, callerId, aid } = move
          const caller = callerId === null ? null : (now.proofs[callerId] ?? null)
          const after = worldAfter(now, caller, operation, answer)
          const isRace = moves.length > 1
          const found = broken({ before: now, caller, aid, operation, answer, after, isRace })
          breaches.push(...found)
          if (found.length > 0) return []
          now = after
        }
        return [now]
      }),
    )
    if (next.length === 0) fail(breaches)
    worlds = unique(next)
  }

  const learn = (observations: readonly Observation[]): void => {
    observed += observations.length
    const breaches: string[] = []
    worlds = worlds.filter((possible) => {
      const found = observations
        .map((observation) => contradiction(possible, observation))
        .filter((sentence) => sentence !== null)
      breaches.push(...found)
      return found.length === 0
    })
    if (worlds.length === 0) fail(breaches.slice(0, 5))
    for (const possible of worlds) for (const observation of observations) settle(possible, observation)
  }

  return {
    world,
    fresh,
    secrets,
    counts: () => ({ calls, observations: observed, accepted }),
    step: async (moves, dice) => {
      const before = world()
      const answers = await Promise.all(moves.map((move) => perform(stage, before, move)))
      for (const [index, move] of moves.entries()) {
        const answer = answers[index]
        if (answer === undefined) continue
        calls += 1
        const { kind } = move.operation
        if (succeeded(answer)) accepted[kind] = (accepted[kind] ?? 0) + 1
        const mark = moves.length > 1 ? '∥ ' : ''
        journal.push(`${mark}${lineOf(before, move, answer)}`)
        // 503 is a refusal that may be tried again: calls at once can lose against each other.
        if (answer.status >= 500 && answer.status !== 503)
          fail([`a call failed with ${answer.status}: ${JSON.stringify(answer.body)}`])
      }
      judge(moves, answers)
      learn(await sample(stage, world(), dice, asks))
      const [move] = moves
      const [answer] = answers
      const isAlone = moves.length === 1 && move !== undefined && answer !== undefined
      if (isAlone) learn(await askAudits(stage, before, move, answer))
      return answers
    },
    ask: async (proofId, request) => learn([await askGateway(stage, proofId, request)]),
    finish: async (dice, most) => learn(await everything(stage, world(), dice, most)),
  }
}
