import * as z from '../effects/shape.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { readCollection, readItems, readManyItems } from '../table/read.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape, put } from '../table/stored-item.ts'
import { notExists, type Write, writeTransaction } from '../table/transaction.ts'
import type { ProviderEntry } from '../whitelist/entry.ts'
import { formatEntry } from '../whitelist/entry.ts'
import type { Provider } from '../whitelist/provider.ts'
import type { ProviderFreshness, StoredProviderData } from '../whitelist/provider-ranges.ts'
import type { SizedWrite } from './provider-refusal-store.ts'
import { refusalPartWrites, refusalWrites } from './provider-refusal-store.ts'
import { StoredBytes, StoredChange, StoredProviderState } from './provider-state.ts'
import type { AcceptedUpdate, LastGood } from './provider-update.ts'
import type { BuiltRanges } from './ranges/build-range-items.ts'
import type { RefusedList } from './refused-list.ts'

const StoredState = z.extend(StoredProviderState, itemShape('providerState'))
const StoredChangeItem = z.extend(StoredChange, { ...itemShape('providerChange'), expiresAtSeconds: z.int() })
const StoredRanges = z.object({ ...itemShape('providerRanges'), bytes: StoredBytes })
const StoredNames = z.object({ ...itemShape('providerNames'), names: z.record(z.string()) })

/** DynamoDB's limits are 100 writes and 4 MB for one transaction, 400 KB for one item. */
const writesPerTransaction = 100
const bytesPerTransaction = 3_000_000
const largestItemBytes = 380_000

const changeRetentionSeconds = 366 * 86_400

const parseNames = (item: Readonly<Record<string, unknown>> | undefined): ReadonlyMap<string, string> =>
  new Map(item === undefined ? [] : Object.entries(StoredNames.parse(item).names))

const parseState = (item: Readonly<Record<string, unknown>> | undefined): StoredProviderState | undefined =>
  item === undefined ? undefined : StoredProviderState.parse(item)

const parseBytes = (item: Readonly<Record<string, unknown>> | undefined): Uint8Array | undefined =>
  item === undefined ? undefined : StoredRanges.parse(item).bytes

/** @throws DomainError temporarily_unavailable */
export const readLastGood = async (table: Table, provider: Provider): Promise<LastGood> => {
  const [state, whole, names] = await readItems(table, [
    keys.providerState(provider),
    keys.providerRanges(provider, ''),
    keys.providerNames(provider),
  ])
  return { state: parseState(state), whole: parseBytes(whole), names: parseNames(names) }
}

/** The states of some providers, for the listing. @throws DomainError temporarily_unavailable */
export const readProviderStates = async (
  table: Table,
  wanted: readonly Provider[],
): Promise<(StoredProviderState | undefined)[]> => {
  const items = await readItems(table, wanted.map(keys.providerState))
  return items.map(parseState)
}

/** The names for narrowing a provider word. @throws DomainError temporarily_unavailable */
export const readProviderNames = async (table: Table, provider: Provider): Promise<readonly string[]> => {
  const [item] = await readItems(table, [keys.providerNames(provider)])
  return [...parseNames(item).keys()]
}

/** The recorded changes of a list, oldest first. @throws DomainError temporarily_unavailable */
export const readProviderChanges = async (table: Table, provider: Provider): Promise<StoredChange[]> => {
  const items = await readCollection(table, keys.providerChanges(provider))
  return items.map((item) => StoredChange.parse(item))
}

/** The stored ranges of the existing narrowings, by name. @throws DomainError temporarily_unavailable */
export const readNarrowings = async (
  table: Table,
  provider: Provider,
  names: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> => {
  const items = await readManyItems(
    table,
    names.map((name) => keys.providerRanges(provider, name)),
  )
  return new Map(
    names.flatMap((name, index): [string, Uint8Array][] => {
      const bytes = parseBytes(items[index])
      return bytes === undefined ? [] : [[name, bytes]]
    }),
  )
}

/**
 * The whole list of AWS takes 18 read units, and a partition serves 3,000 a second: from eight, a thousand containers that start in one
 * second can read it.
 */
export const rangeCopies = 8

/**
 * The age of each list and the stored bytes of each entry.
 *
 * @param copy from 0 to `rangeCopies`, exclusive: which copy of whole lists is read
 * @throws DomainError temporarily_unavailable
 */
export const readProviderData = async (
  table: Table,
  wanted: readonly Provider[],
  entries: readonly ProviderEntry[],
  copy = 0,
): Promise<StoredProviderData> => {
  const wantedKeys: Key[] = [
    ...wanted.map(keys.providerState),
    ...entries.map(({ provider, narrowing = '' }) => keys.providerRanges(provider, narrowing, copy)),
  ]
  const items = await readManyItems(table, wantedKeys)
  const freshness = new Map<Provider, ProviderFreshness>()
  for (const [index, provider] of wanted.entries()) {
    const state = parseState(items[index])
    // Ignore a list that no download has confirmed.
    if (state === undefined || state.checkedAt === null) continue
    freshness.set(provider, {
      revision: state.revision,
      checkedAtMilliseconds: Date.parse(state.checkedAt),
      acceptedAtMilliseconds: Date.parse(state.list?.acceptedAt ?? state.checkedAt),
    })
  }
  const ranges = new Map<string, Uint8Array>()
  for (const [index, entry] of entries.entries()) {
    const bytes = parseBytes(items[wanted.length + index])
    if (bytes !== undefined) ranges.set(formatEntry(entry), bytes)
  }
  return { freshness, ranges }
}

const revisionUnmoved = 'revision = :before'

const stateWrite = (state: StoredProviderState): Write => {
  const isFirst = state.revision === 1
  return put<typeof StoredState>(
    'state',
    { ...keys.providerState(state.provider), kind: itemKinds.providerState, ...state },
    isFirst
      ? { condition: notExists }
      : { condition: revisionUnmoved, values: { ':before': state.revision - 1 } },
  )
}

const rangesWrite = (provider: Provider, { name, bytes }: BuiltRanges, copy = 0): Write => {
  if (bytes.length > largestItemBytes) throw new Error(`the ranges of ${provider}:${name} exceed an item`)
  const key = keys.providerRanges(provider, name, copy)
  return put<typeof StoredRanges>(`ranges ${name}`, { ...key, kind: itemKinds.providerRanges, bytes })
}

/** Splits writes into parts that fit into one transaction each, with one additional check. */
const portions = (writes: readonly SizedWrite[]): Write[][] => {
  const parts: Write[][] = []
  let current: Write[] = []
  let size = 0
  for (const { write, bytes } of writes) {
    const isFull = current.length >= writesPerTransaction - 1 || size + bytes > bytesPerTransaction
    if (isFull) {
      parts.push(current)
      current = []
      size = 0
    }
    current.push(write)
    size += bytes
  }
  if (current.length > 0) parts.push(current)
  return parts
}

const changeWrite = (provider: Provider, change: StoredChange): Write =>
  put<typeof StoredChangeItem>('change', {
    ...keys.providerChange(provider, change.at),
    kind: itemKinds.providerChange,
    expiresAtSeconds: Math.floor(Date.parse(change.at) / 1000) + changeRetentionSeconds,
    ...change,
  })

const narrowingWrites = ({ state, changed, removedNames }: AcceptedUpdate): SizedWrite[] => [
  ...removedNames.map((name) => ({
    write: { label: `ranges ${name}`, delete: keys.providerRanges(state.provider, name) },
    bytes: 0,
  })),
  ...changed.map((built) => ({ write: rangesWrite(state.provider, built), bytes: built.bytes.length })),
]

/**
 * Replaces the last list by an accepted one. Azure alone has 3,000 narrowings, too many for one transaction. The first
 * write claims the revision and clears the fingerprint. The narrowings follow, each complete and checked, and each on the
 * condition that the claim is current. The last transaction writes all copies of the provider's whole list, so that they always agree, the
 * names, the record of the change and the new state. At their largest these leave no room for the parts of a refused list, which go before.
 * An aborted refresh leaves the fingerprint empty, and the next refresh repeats all of it.
 *
 * @returns false if another refresh has written meanwhile
 * @throws DomainError temporarily_unavailable
 */
export const saveUpdate = async (
  table: Table,
  update: AcceptedUpdate,
  /** Written in the first transaction: an acceptance is recorded before any of it takes effect. */
  audit: readonly Write[] = [],
): Promise<boolean> => {
  const { provider } = update.state
  const claim = await writeTransaction(table, [stateWrite(update.claimed), ...audit])
  if (!claim.committed) return false
  const claimStands: Write = {
    label: 'claim',
    check: keys.providerState(provider),
    condition: revisionUnmoved,
    values: { ':before': update.claimed.revision },
  }
  for (const writes of portions([...narrowingWrites(update), ...refusalPartWrites(update.refused)])) {
    const portion = await writeTransaction(table, [claimStands, ...writes])
    if (!portion.committed) return false
  }
  const outcome = await writeTransaction(table, [
    stateWrite(update.state),
    ...Array.from({ length: rangeCopies }, (_, copy) => rangesWrite(provider, update.whole, copy)),
    put<typeof StoredNames>('names', {
      ...keys.providerNames(provider),
      kind: itemKinds.providerNames,
      names: Object.fromEntries(update.names),
    }),
    changeWrite(provider, update.change),
    ...refusalWrites(update.refused),
  ])
  return outcome.committed
}

/**
 * Records a failure with the refused list, or that the current list is confirmed.
 *
 * @returns false if another refresh has written meanwhile
 */
export const saveState = async (
  table: Table,
  state: StoredProviderState,
  refused: RefusedList | null,
): Promise<boolean> => {
  const parts = refusalPartWrites(refused).map(({ write }) => write)
  const outcome = await writeTransaction(table, [stateWrite(state), ...refusalWrites(refused), ...parts])
  return outcome.committed
}
