import { requireFirstAdministrator } from '../apis/edit-api.ts'
import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { Installation } from '../identity/installation-store.ts'
import type { Write } from '../table/transaction.ts'
import { untilCommitted } from '../table/until-committed.ts'
import type { Provider } from '../whitelist/provider.ts'
import type { StoredChange, StoredRefusal } from './provider-state.ts'
import type { AcceptedUpdate, Candidate, LastGood } from './provider-update.ts'
import { updateOf } from './provider-update.ts'
import { buildRangeItems } from './ranges/build-range-items.ts'
import type { RefreshDependencies } from './refresh-providers.ts'
import { judgeAgainst } from './refresh-providers.ts'
import { unpackList } from './refused-list.ts'

type ShowRefusedDependencies = {
  readonly readFirstOrganization: () => Promise<Installation | undefined>
  readonly readLastGood: (provider: Provider) => Promise<LastGood>
  readonly readRefusal: (provider: Provider) => Promise<StoredRefusal | undefined>
}

export type AcceptListDependencies = ShowRefusedDependencies &
  Chances &
  Pick<RefreshDependencies, 'readNarrowings'> & {
    readonly readRefusedParts: (refusal: StoredRefusal) => Promise<readonly Uint8Array[] | undefined>
    readonly saveAccepted: (update: AcceptedUpdate, audit: readonly Write[]) => Promise<boolean>
  }

const onlyFirst =
  'Only administrators of the first organization see and accept refused lists: a list serves every organization.'

/**
 * The refused list to review.
 *
 * @throws DomainError access_denied unless the caller administers the first organization, not_found when none waits
 */
export const showRefusedList = async (
  dependencies: ShowRefusedDependencies,
  caller: Caller,
  provider: Provider,
): Promise<StoredRefusal> => {
  await requireFirstAdministrator(dependencies, caller, onlyFirst)
  return await waiting(dependencies, provider, (await dependencies.readLastGood(provider)).state?.refusedHash)
}

const waiting = async (
  { readRefusal }: Pick<ShowRefusedDependencies, 'readRefusal'>,
  provider: Provider,
  hash: string | null | undefined,
): Promise<StoredRefusal> => {
  const refusal = hash == null ? undefined : await readRefusal(provider)
  if (refusal === undefined || refusal.hash !== hash) {
    throw new DomainError('not_found', { detail: `No refused list of ${provider} waits to be accepted.` })
  }
  return refusal
}

const replaced = (): DomainError =>
  new DomainError('precondition_failed', {
    detail: 'Another list than this one waits by now. Look at it before you accept it.',
  })

/** A refresh writes the state every few hours, so more conflicts than this have another cause. */
const mostAttempts = 3

/**
 * Puts the refused list with this hash in force, including held narrowings. A dry run writes nothing.
 *
 * @throws DomainError access_denied unless the caller administers the first organization, not_found when none waits,
 *   precondition_failed when the hash differs
 */
export const acceptList = async (
  dependencies: AcceptListDependencies,
  caller: Caller,
  provider: Provider,
  { hash, dryRun }: { readonly hash: string; readonly dryRun: boolean },
  origin: Origin,
): Promise<StoredChange> => {
  await requireFirstAdministrator(dependencies, caller, onlyFirst)
  return await untilCommitted(async () => {
    const lastGood = await dependencies.readLastGood(provider)
    const refusal = await waiting(dependencies, provider, lastGood.state?.refusedHash)
    if (refusal.hash !== hash) throw replaced()
    const update = updateOf(
      await candidateOf(dependencies, provider, refusal, lastGood),
      [],
      new Date(dependencies.now()).toISOString(),
    )
    if (dryRun) return { committed: true, result: update.change }
    const audit = auditOf(dependencies, caller, refusal, update, origin)
    return { committed: await dependencies.saveAccepted(update, [audit]), result: update.change }
  }, mostAttempts)
}

/** The list as downloaded, compared with the list that is now in force. */
const candidateOf = async (
  dependencies: AcceptListDependencies,
  provider: Provider,
  refusal: StoredRefusal,
  lastGood: LastGood,
): Promise<Candidate> => {
  const parts = await dependencies.readRefusedParts(refusal)
  if (parts === undefined) {
    const detail = 'This list is too large to be kept, or another one has just taken its place.'
    throw new DomainError('not_found', { detail })
  }
  const list = unpackList(parts)
  const built = buildRangeItems(list)
  // Accept only the list that was reviewed.
  if (built.fingerprint !== refusal.hash) throw new Error(`the kept list of ${provider} is damaged`)
  const { losses } = await judgeAgainst(dependencies, provider, built, lastGood)
  return { list, built, lastGood, losses, at: refusal.at }
}

const auditOf = (
  dependencies: AcceptListDependencies,
  caller: Caller,
  { hash, reason }: StoredRefusal,
  { claimed, change }: AcceptedUpdate,
  origin: Origin,
): Write =>
  rowOf(caller, origin, occasionOf(dependencies, caller.snapshot.organization), {
    action: 'providers.list-accepted',
    targetId: claimed.provider,
    changes: [
      {
        field: 'list',
        before: { version: change.fromVersion },
        after: { version: change.toVersion, hash, narrowingsLost: change.losses.count },
      },
      { field: 'refused', before: reason, after: null },
    ],
  })
