import type { PartitionName } from '../../lib/table/keys.ts'

/** A transaction needs the permission for each of its parts; there is no permission for the transaction itself. */
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
  /** Lambda allots processor time in proportion to memory: 1769 MB are one vCPU. */
  readonly memoryMegabytes: number
  readonly timeoutSeconds: number
  /** Works behind its response: the entry exports `ready`, and the runtime asks for no event before that is settled. */
  readonly worksBehind?: true
  /** Serves the built files of the console, which are beside its bundle. */
  readonly servesConsole?: true
  /** Needs argon2's native binary. */
  readonly hashes: boolean
  readonly table: readonly TableAction[]
  /** The partitions (lib/table/keys.ts) on which all actions of `table` are allowed, including writes and condition checks. */
  readonly writes: readonly PartitionName[]
  /** The partitions that it may only read. */
  readonly reads: readonly PartitionName[]
  /** May query the index of an organization's members. */
  readonly directory: boolean
  /** May query the indexes of members by search word. */
  readonly search?: true
  /** May query the indexes of audit rows and denials. */
  readonly timelines?: true
  /** How it uses the signing key of session tokens; `verify` reads the public key. */
  readonly signing: 'sign' | 'verify' | 'none'
  /** What it uses the sealing key for: the secrets of second factors (`open factors` decrypts only), or the cursors of its lists. */
  readonly seals?: 'factors' | 'open factors' | 'cursors'
  readonly mail: boolean
}

// A password hash is expensive by design (19 MiB, one thread): a full vCPU is fastest, at the same cost.
export const hashing = { hashes: true, memoryMegabytes: 1769 } as const
export const plain = { hashes: false, memoryMegabytes: 512 } as const

/** The actions that identify a caller: look up an imported credential, read the caller, update the key's last use. */
export const knowCaller = ['GetItem', 'BatchGetItem', 'UpdateItem'] as const
