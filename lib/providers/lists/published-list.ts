import type { Network } from '../../whitelist/network.ts'
import type { Provider } from '../../whitelist/provider.ts'

/** A provider's documents, parsed and checked. Prefixes are unique and sorted by address, the wider first. */
export type PublishedList = {
  readonly provider: Provider
  /** The provider's version text; undefined if the documents have none. */
  readonly version: string | undefined
  /** One number per document that has one. It increases with each version: a later download must not be smaller. */
  readonly serials: readonly number[]
  /** Seconds since 1970; undefined if the documents have no date. */
  readonly publishedAtSeconds: number | undefined
  readonly networks: readonly Network[]
  /** The narrowings: name → ascending indexes into `networks`. */
  readonly names: ReadonlyMap<string, readonly number[]>
}

export type ListRefusalReason =
  | 'empty'
  | 'not_the_document'
  | 'truncated'
  | 'malformed'
  | 'bad_prefix'
  | 'reserved_space'
  | 'family_missing'
  | 'document_missing'

export type ListRefusal = {
  readonly ok: false
  readonly reason: ListRefusalReason
  /** For the log and for administrators; bounded, printable. */
  readonly detail: string
}

export type ListOutcome = { readonly ok: true; readonly list: PublishedList } | ListRefusal

export const refuseList = (reason: ListRefusalReason, detail: string): ListRefusal => ({
  ok: false,
  reason,
  // The text may come from a foreign error page: logs and answers get only short printable ASCII.
  detail: detail.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200),
})
