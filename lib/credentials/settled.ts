import { DomainError } from '../effects/domain-error.ts'
import * as z from '../effects/shape.ts'
import { refuseLastAdministrator } from '../policy/administrator-count.ts'
import type { TransactionOutcome, Write, WriteTransaction } from '../table/transaction.ts'
import type { Attempt } from '../table/until-committed.ts'
import { importedBefore, maximumImported } from './imported-credential.ts'
import { maximumCredentials } from './new-credential.ts'

export const committed = async <T>(
  { write }: { readonly write: WriteTransaction },
  writes: readonly Write[],
  answer: T,
  adds: Addition,
): Promise<Attempt<T>> => settled(await write(writes, answer), answer, adds)

/** What counts against the limits of a user. */
type Addition = 'made' | 'imported'

/**
 * @param adds undefined if no credential is added: the limits refuse nothing then
 * @throws DomainError if a retry cannot succeed
 */
export const settled = <T>(outcome: TransactionOutcome, result: T, adds?: Addition): Attempt<T> => {
  if (outcome.committed) return { committed: true, result }
  const refusal = refusalOf(outcome, adds)
  if (refusal !== null) throw refusal
  return { committed: false }
}

/** Null = retry. */
const refusalOf = (
  outcome: Extract<TransactionOutcome, { committed: false }>,
  adds: Addition | undefined,
): DomainError | null => {
  refuseLastAdministrator(outcome)
  if (outcome.failed === importedBefore) {
    const message = 'is the hash of an existing or a revoked credential'
    return new DomainError('already_imported', { errors: [{ path: 'hash', message }] })
  }
  if (outcome.failed !== 'count') return null
  const found = Counts.safeParse(outcome.found)
  if (!found.success) return new DomainError('not_found')
  const { credentialCount, importedCount } = found.data
  const isFull =
    adds !== undefined &&
    (credentialCount >= maximumCredentials || (adds === 'imported' && importedCount >= maximumImported))
  if (!isFull) return null
  return new DomainError('key_limit_reached', {
    detail: `A user can have at most ${maximumCredentials} keys and tokens, ${maximumImported} of them imported.`,
  })
}

const Counts = z.object({ credentialCount: z.int(), importedCount: z.int() })
