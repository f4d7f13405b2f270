import type { Network } from '../../whitelist/network.ts'
import type { Provider } from '../../whitelist/provider.ts'

/** What a provider's documents say, read and checked. Every prefix occurs once, sorted by address, the wider first. */
export type PublishedList = {
  readonly provider: Provider
  /** The provider's own word for the version; undefined where the documents carry none. */
  readonly version: string | undefined
  /** One number per document that has one, growing from version to version: a later download must not be smaller. */
  readonly serials: readonly number[]
  /** Seconds since 1970; undefined where the documents carry no date. */
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
  // The text may come from a stranger's error page: only short printable ASCII goes on into logs and answers.
  detail: detail.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200),
})
