import * as z from '../effects/shape.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readCollection, readItem, readItems } from '../table/read.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape, put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import type { Provider } from '../whitelist/provider.ts'
import { StoredNaming } from './named-narrowings.ts'
import { StoredBytes, StoredRefusal } from './provider-state.ts'
import type { RefusedList } from './refused-list.ts'

/** Counted from the last download. */
const keptSeconds = 30 * 86_400

const StoredRefusalItem = z.extend(StoredRefusal, {
  ...itemShape('providerRefusal'),
  expiresAtSeconds: z.int(),
})
const StoredRefusalPart = z.object({
  ...itemShape('providerRefusalPart'),
  hash: z.string(),
  bytes: StoredBytes,
  expiresAtSeconds: z.int(),
})

/** A refused list replaces the one refused before. */
export const refusalWrites = (refused: RefusedList | null): Write[] => {
  if (refused === null) return []
  const { summary, parts } = refused
  const { provider, hash } = summary
  const expiresAtSeconds = Math.floor(Date.parse(summary.at) / 1000) + keptSeconds
  return [
    put<typeof StoredRefusalItem>('refused list', {
      ...keys.providerRefusal(provider),
      kind: itemKinds.providerRefusal,
      ...summary,
      expiresAtSeconds,
    }),
    ...parts.map((bytes, index) =>
      put<typeof StoredRefusalPart>(`part ${index} of the refused list`, {
        ...keys.providerRefusalPart(provider, index),
        kind: itemKinds.providerRefusalPart,
        hash,
        bytes,
        expiresAtSeconds,
      }),
    ),
  ]
}

/** The last refused list, whether or not it still awaits review. @throws DomainError temporarily_unavailable */
export const readRefusal = async (table: Table, provider: Provider): Promise<StoredRefusal | undefined> => {
  const item = await readItem(table, keys.providerRefusal(provider))
  return item === undefined ? undefined : StoredRefusal.parse(item)
}

/** The packed list; undefined if another one has replaced it. @throws DomainError temporarily_unavailable */
export const readRefusedParts = async (
  table: Table,
  { provider, hash, partCount }: StoredRefusal,
): Promise<Uint8Array[] | undefined> => {
  const wanted = Array.from({ length: partCount }, (_, index) => keys.providerRefusalPart(provider, index))
  const items = wanted.length === 0 ? [] : await readItems(table, wanted)
  const parts = items.flatMap((item) => (item === undefined ? [] : [StoredRefusalPart.parse(item)]))
  const isWhole = parts.length === partCount && partCount > 0 && parts.every((part) => part.hash === hash)
  return isWhole ? parts.map(({ bytes }) => bytes) : undefined
}

/** The names that whitelists of any organization narrow the provider to. @throws DomainError temporarily_unavailable */
export const readNamedNarrowings = async (table: Table, provider: Provider): Promise<ReadonlySet<string>> => {
  const items = await readCollection(table, keys.providerNamings(provider))
  return new Set(items.flatMap((item) => StoredNaming.parse(item).names))
}
