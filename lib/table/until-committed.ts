import { DomainError } from '../effects/domain-error.ts'

/** The outcome of a transaction, with what its request answers. */
export type Attempt<T> =
  | { readonly committed: true; readonly result: T }
  /** A concurrent change came first. */
  | { readonly committed: false }

/**
 * Repeats an attempt, which reads, decides and writes, until no concurrent change comes first.
 *
 * @throws DomainError temporarily_unavailable after the last attempt; whatever an attempt throws because no other can succeed.
 */
export const untilCommitted = async <T>(attempt: () => Promise<Attempt<T>>, attempts = 12): Promise<T> => {
  for (let count = 1; count <= attempts; count += 1) {
    const outcome = await attempt()
    if (outcome.committed) return outcome.result
  }
  throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
}
