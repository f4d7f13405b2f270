import type { Answer } from './answer.ts'
import type { Operation } from './operation.ts'
import type { Proof, World } from './world.ts'

/** One call of one caller, and the world on both sides of it. */
export type Step = {
  readonly before: World
  /** Null when nobody has to prove anything: login, reset. */
  readonly caller: Proof | null
  /** `aid` of the request. */
  readonly aid: number | null
  readonly operation: Operation
  readonly answer: Answer
  readonly after: World
  /** Another call ran at the same time. */
  readonly isRace: boolean
}

/** A sentence when the law is broken. */
export type Law = (step: Step) => string | null

export const nameOf = (world: World, userId: string): string => world.users[userId]?.username ?? userId
export const some = (rights: Iterable<string>): string => [...rights].slice(0, 4).join(', ')
export const groupText = (aid: number | null): string =>
  aid === null ? 'every account group' : `account group ${aid}`

export const minus = (rights: ReadonlySet<string>, ...others: readonly ReadonlySet<string>[]): string[] =>
  [...rights].filter((right) => !others.some((other) => other.has(right)))
