import { gunzipSync, gzipSync } from 'node:zlib'
import * as z from '../effects/shape.ts'
import { formatAddress } from '../whitelist/address.ts'
import { providers } from '../whitelist/provider.ts'
import { collectPrefixes } from './lists/prefix-collector.ts'
import type { PublishedList } from './lists/published-list.ts'
import type { StoredRefusal } from './provider-state.ts'

/** A refused list and the data to accept it. No parts if it is too large to store. */
export type RefusedList = { readonly summary: StoredRefusal; readonly parts: readonly Uint8Array[] }

/** DynamoDB's limits: 400 KB for an item, 4 MB for a transaction with all parts. Azure, the largest, needs two. */
const partBytes = 350_000
const mostParts = 8
/** Only a decompression bomb in the parts is larger unpacked. */
const largestUnpackedBytes = 100_000_000

const PackedList = z.object({
  provider: z.enum(providers),
  version: z.nullable(z.string()),
  serials: z.array(z.number()),
  publishedAtSeconds: z.nullable(z.number()),
  names: z.array(z.string()),
  /** Each prefix with the indexes of its names. */
  rows: z.array(z.tuple([z.string(), z.array(z.int())])),
})

/** Packs all effective data of a list into item-sized parts; none if it is too large. */
export const packList = (list: PublishedList): Uint8Array[] => {
  const names = [...list.names.keys()]
  const rows = list.networks.map(({ address, prefixLength }): [string, number[]] => [
    `${formatAddress(address)}/${prefixLength}`,
    [],
  ])
  for (const [index, positions] of [...list.names.values()].entries()) {
    for (const position of positions) rows[position]?.[1].push(index)
  }
  const packed: z.infer<typeof PackedList> = {
    provider: list.provider,
    version: list.version ?? null,
    serials: [...list.serials],
    publishedAtSeconds: list.publishedAtSeconds ?? null,
    names,
    rows,
  }
  const bytes = gzipSync(JSON.stringify(packed))
  const parts = Array.from({ length: Math.ceil(bytes.length / partBytes) }, (_, index) =>
    bytes.subarray(index * partBytes, (index + 1) * partBytes),
  )
  return parts.length > mostParts ? [] : parts
}

/** Unpacks a list with the checks for documents. @throws Error for bytes that are not a packed list */
export const unpackList = (parts: readonly Uint8Array[]): PublishedList => {
  const text = gunzipSync(Buffer.concat(parts), { maxOutputLength: largestUnpackedBytes }).toString('utf8')
  const { provider, version, serials, publishedAtSeconds, names, rows } = PackedList.parse(JSON.parse(text))
  const collector = collectPrefixes()
  for (const [prefix, indexes] of rows) {
    const refusal = collector.add(
      prefix,
      indexes.flatMap((index) => names[index] ?? []),
    )
    if (refusal !== undefined) throw new Error(refusal.detail)
  }
  const collected = collector.finish()
  if ('ok' in collected) throw new Error(collected.detail)
  return {
    provider,
    version: version ?? undefined,
    serials,
    publishedAtSeconds: publishedAtSeconds ?? undefined,
    ...collected,
  }
}
