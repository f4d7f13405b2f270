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

/** A write, and the bytes of a list in it. */
export type SizedWrite = { readonly write: Write; readonly bytes: number }

const expiryOf = ({ summary }: RefusedList): number => Math.floor(Date.parse(summary.at) / 1000) + keptSeconds

/** A refused list replaces the one refused before. */
export const refusalWrites = (refused: RefusedList | null): Write[] =>
  refused === null
    ? []
    : [
        put<typeof StoredRefusalItem>('refused list', {
          ...keys.providerRefusal(refused.summary.provider),
          kind: itemKinds.providerRefusal,
          ...refused.summary,
          expiresAtSeconds: expiryOf(refused),
        }),
      ]

/** Its parts, in the same transaction or before it: those of another list than the stored one are not read. */
export const refusalPartWrites = (refused: RefusedList | null): SizedWrite[] =>
  refused === null
    ? []
    : refused.parts.map((bytes, index) => {
        const { provider, hash } = refused.summary
        const write = put<typeof StoredRefusalPart>(`part ${index} of the refused list`, {
          ...keys.providerRefusalPart(provider, index),
          kind: itemKinds.providerRefusalPart,
          hash,
          bytes,
          expiresAtSeconds: expiryOf(refused),
        })
        return { write, bytes: bytes.length }
      })

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
