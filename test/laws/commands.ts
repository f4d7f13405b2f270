import * as fc from 'fast-check'
import { diceOf } from './dice.ts'
import { drawMove } from './draw-call.ts'
import type { OperationKind } from './operation.ts'
import type { Run } from './run.ts'

/** How often each kind is called, beside the others. */
const weights: Readonly<Record<OperationKind, number>> = {
  'create-user': 8,
  'change-user': 12,
  'replace-roles': 7,
  'delete-user': 2,
  'choose-group': 2,
  'create-credential': 6,
  'import-credential': 1,
  'rotate-credential': 3,
  'delete-credential': 2,
  'delete-own-credential': 2,
  'change-own-password': 1,
  'create-role': 4,
  'change-role': 4,
  'delete-role': 1,
  'create-group': 1,
  'delete-group': 1,
  'create-api': 2,
  'change-api': 2,
  'delete-api': 1,
  bind: 3,
  unbind: 1,
  share: 4,
  unshare: 1,
  'hand-over': 1,
  'create-section': 4,
  'replace-section': 3,
  'delete-section': 1,
  'import-sections': 2,
  accept: 8,
  leave: 1,
  confirm: 6,
  'log-in': 3,
  'client-credentials': 2,
  'act-as': 4,
  'log-out': 1,
  revoke: 1,
  'reset-password': 1,
  'change-organization': 1,
  'create-organization': 1,
  'tyk-user': 2,
  'thousandeyes-user': 2,
  look: 3,
}

const kinds = Object.keys(weights).filter((kind): kind is OperationKind => kind in weights)

const arbitraryKind = fc.oneof(
  ...kinds.map((kind) => ({ arbitrary: fc.constant(kind), weight: weights[kind] })),
)
/** Never made smaller: to leave calls out is what helps, and each attempt costs a second. */
export const arbitraryNumbers = fc.noShrink(fc.array(fc.nat(999_983), { minLength: 24, maxLength: 24 }))

/** State of a run, which its commands share: fast-check checks each command against it first. */
type Model = { readonly run: Run }
type Command = fc.AsyncCommand<Model, Run>

const commandOf = (
  wanted: readonly { readonly kind: OperationKind; readonly numbers: readonly number[] }[],
): Command => ({
  check: () => true,
  run: async (_model, run) => {
    const moves = wanted.flatMap(({ kind, numbers }) => {
      const move = drawMove(kind, diceOf(numbers), run.world(), run.fresh)
      return move === undefined ? [] : [move]
    })
    if (moves.length > 0) await run.step(moves, diceOf(wanted[0]?.numbers ?? [0]))
  },
  toString: () => wanted.map(({ kind }) => kind).join(' ∥ '),
})

const arbitraryCall = fc.noShrink(fc.record({ kind: arbitraryKind, numbers: arbitraryNumbers }))

/** Calls in any order; one in eight is two at once. */
export const arbitraryCommands = (most: number, replayPath: string | undefined) =>
  fc.commands(
    [
      fc.noShrink(
        fc.oneof(
          { arbitrary: arbitraryCall.map((call) => commandOf([call])), weight: 7 },
          { arbitrary: fc.tuple(arbitraryCall, arbitraryCall).map(commandOf), weight: 1 },
        ),
      ),
    ],
    { maxCommands: most, size: 'max', ...(replayPath === undefined ? {} : { replayPath }) },
  )
