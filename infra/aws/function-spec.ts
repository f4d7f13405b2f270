import type { PartitionName } from '../../lib/table/keys.ts'

/** A transaction needs the permission of each of its parts; there is no permission for the transaction itself. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem'

export type FunctionSpec = {
  /** Relative to the root of the project. */
  readonly entry: string
  readonly purpose: string
  /** Lambda gives processor time in proportion: 1769 MB are one whole processor. */
  readonly memoryMegabytes: number
  readonly timeoutSeconds: number
  /** Carries argon2's native binary. */
  readonly hashes: boolean
  readonly table: readonly TableAction[]
  /** The partitions (lib/table/keys.ts) that puts, updates, deletions, and checks in a transaction may name; the rest of `table` too. */
  readonly writes: readonly PartitionName[]
  /** The partitions that it only reads. */
  readonly reads: readonly PartitionName[]
  /** May query the index of an organization's members. */
  readonly directory: boolean
  /** May query the indexes of what happened: audit rows and denials. */
  readonly timelines?: true
  /** What it does with the key of the session tokens; `verify` reads the public half. */
  readonly signing: 'sign' | 'verify' | 'none'
  readonly mail: boolean
}
