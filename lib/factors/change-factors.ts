import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { CredentialDependencies } from '../credentials/manage-credentials.ts'
import { managed } from '../credentials/manage-credentials.ts'
import { DomainError } from '../effects/domain-error.ts'
import { sameGuests } from '../guests/guest-count.ts'
import { suspensionWrites } from '../guests/membership-suspension.ts'
import { requireHome } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import { showOwnUser, showUser } from '../policy/show-user.ts'
import type { FactorId, UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { Write, WriteTransaction } from '../table/transaction.ts'
import { untilCommitted } from '../table/until-committed.ts'
import { newCeremony } from './ceremony.ts'
import { factorsWrite, newCodes } from './enroll-factor.ts'
import { factorNotice } from './factor-notice.ts'
import type { Demand } from './factor-rule.ts'
import { demandsFactor } from './factor-rule.ts'
import type { SecondFactor } from './factor-shape.ts'
import { factorView } from './factor-shape.ts'
import { newChallenge, requestOptions } from './passkey.ts'
import type { Proven, ReadFactors } from './prove-identity.ts'
import { requireFitting } from './prove-identity.ts'
import type { StoredFactors } from './stored-factors.ts'

export type ChangeFactorsDependencies = Chances & {
  readonly readFactors: ReadFactors
  readonly readMemberships: (userId: UserId) => Promise<readonly StoredMembership[]>
  readonly readDemands: (memberships: readonly StoredMembership[]) => Promise<readonly Demand[]>
  readonly write: WriteTransaction
}

export type FactorList = { readonly secondFactors: SecondFactor[]; readonly recoveryCodesLeft: number }

const listOf = (stored: StoredFactors | null): FactorList => ({
  secondFactors: (stored?.factors ?? []).map(factorView),
  recoveryCodesLeft: stored?.recoveryCodes.length ?? 0,
})

/** The caller's own second factors, and whether the organization of the session demands one. */
export const listOwnFactors = async (
  { readFactors }: { readonly readFactors: ReadFactors },
  { snapshot }: Caller,
): Promise<FactorList & { readonly demanded: boolean }> => ({
  demanded: demandsFactor(snapshot),
  ...listOf(await readFactors(snapshot.user.userId)),
})

/** @throws DomainError not_found, guest_not_editable */
export const listFactors = async (
  { readFactors, readMember }: { readonly readFactors: ReadFactors } & Parameters<typeof showUser>[0],
  caller: Caller,
  userId: UserId,
): Promise<FactorList> => {
  requireHome(await showUser({ readMember }, caller, userId))
  return listOf(await readFactors(userId))
}

/**
 * Offers a challenge to the user's passkeys.
 *
 * @throws DomainError not_found if the user has no passkey
 */
export const challengePasskeys = async (
  dependencies: Chances & {
    readonly readFactors: ReadFactors
    readonly issuer: string
    readonly write: WriteTransaction
  },
  userId: UserId,
) => {
  const known = (await dependencies.readFactors(userId))?.factors ?? []
  const passkeys = known.filter((factor) => factor.factorKind === 'passkey')
  if (passkeys.length === 0) throw new DomainError('not_found', { detail: 'You have no passkey.' })
  const challenge = newChallenge(dependencies.randomBytes)
  const { ceremonyId, expiresAt, writes } = newCeremony(
    userId,
    { purpose: 'use-passkey', challenge, sealedSecret: null, hadFactor: true, epoch: null },
    dependencies,
  )
  if (!(await dependencies.write(writes)).committed) throw new DomainError('invalid_credentials')
  return {
    challengeId: ceremonyId,
    expiresAt,
    passkey: await requestOptions(dependencies.issuer, passkeys, challenge),
  }
}

/** @throws DomainError not_found, guest_not_editable */
export const renameFactor = (
  dependencies: ChangeFactorsDependencies,
  caller: Caller,
  factorId: FactorId,
  name: string,
  origin: Origin,
): Promise<SecondFactor> =>
  changeOwn(dependencies, caller, async (before, occasion) => {
    const old = factorIn(before, factorId)
    const renamed = { ...old, name }
    const factors = before.factors.map((factor) => (factor.factorId === factorId ? renamed : factor))
    return {
      after: { factors, recoveryCodes: before.recoveryCodes },
      writes: [
        rowOf(caller, origin, occasion, {
          action: 'second-factor.renamed',
          targetUserId: before.userId,
          targetId: factorId,
          changes: [{ field: 'name', before: old.name, after: name }],
        }),
      ],
      result: factorView(renamed),
    }
  })

/**
 * Removes a second factor of the caller, and with the last one the recovery codes.
 *
 * @throws DomainError not_found, guest_not_editable, proof_required, second_factor_needed
 */
export const removeFactor = (
  dependencies: ChangeFactorsDependencies,
  caller: Caller,
  factorId: FactorId,
  proven: Proven,
  origin: Origin,
): Promise<void> =>
  changeOwn(dependencies, caller, async (before, occasion) => {
    requireFitting(proven, before.factors)
    const old = factorIn(before, factorId)
    const factors = before.factors.filter((factor) => factor !== old)
    if (factors.length === 0) await refuseIfDemanded(dependencies, before.userId)
    return {
      after: { factors, recoveryCodes: factors.length === 0 ? [] : before.recoveryCodes },
      writes: [
        rowOf(caller, origin, occasion, {
          action: 'second-factor.removed',
          targetUserId: before.userId,
          targetId: factorId,
          changes: [{ field: 'secondFactor', before: factorView(old), after: null }],
        }),
        factorNotice('second-factor-removed', before.userId, occasion, origin),
      ],
      result: undefined,
    }
  })

/** If any organization of an active membership of the user demands a factor: its demand would end in another organization. @throws DomainError second_factor_needed */
const refuseIfDemanded = async (
  { readMemberships, readDemands }: ChangeFactorsDependencies,
  userId: UserId,
): Promise<void> => {
  const memberships = (await readMemberships(userId)).filter(({ status }) => status === 'active')
  if (!(await readDemands(memberships)).some(demandsFactor)) return
  throw new DomainError('second_factor_needed', {
    detail: 'Your organization demands a second factor. Add another one before you remove this one.',
  })
}

/** Makes new recovery codes, which replace all older ones. @throws DomainError not_found without a second factor, guest_not_editable, proof_required */
export const makeRecoveryCodes = (
  dependencies: ChangeFactorsDependencies,
  caller: Caller,
  proven: Proven,
  origin: Origin,
): Promise<string[]> =>
  changeOwn(dependencies, caller, async (before, occasion) => {
    requireFitting(proven, before.factors)
    if (before.factors.length === 0)
      throw new DomainError('not_found', { detail: 'You have no second factor.' })
    const { codes, hashes } = newCodes(dependencies.randomBytes)
    return {
      after: { factors: before.factors, recoveryCodes: hashes },
      writes: [
        rowOf(caller, origin, occasion, {
          action: 'recovery-codes.made',
          targetUserId: before.userId,
          changes: [
            { field: 'recoveryCodesLeft', before: before.recoveryCodes.length, after: hashes.length },
          ],
        }),
        factorNotice('recovery-codes-made', before.userId, occasion, origin),
      ],
      result: codes,
    }
  })

type Changed<T> = {
  readonly after: Pick<StoredFactors, 'factors' | 'recoveryCodes'>
  readonly writes: readonly Write[]
  readonly result: T
}

/** @throws DomainError not_found, guest_not_editable */
const changeOwn = async <T>(
  dependencies: ChangeFactorsDependencies,
  caller: Caller,
  change: (before: StoredFactors, occasion: ReturnType<typeof occasionOf>) => Promise<Changed<T>>,
): Promise<T> => {
  requireHome(showOwnUser(caller))
  const { user, organization } = caller.snapshot
  return await untilCommitted(async () => {
    const before = await dependencies.readFactors(user.userId)
    if (before === null) throw new DomainError('not_found')
    const { after, writes, result } = await change(before, occasionOf(dependencies, organization))
    const outcome = await dependencies.write([factorsWrite(before, user.userId, after), ...writes])
    return outcome.committed ? { committed: true, result } : { committed: false }
  })
}

const factorIn = ({ factors }: StoredFactors, factorId: FactorId) => {
  const found = factors.find((factor) => factor.factorId === factorId)
  if (found === undefined) throw new DomainError('not_found')
  return found
}

export type ResetFactorsDependencies = ChangeFactorsDependencies & CredentialDependencies

/**
 * An administrator takes away all second factors of another user, who has lost them. The caller must hold what the user holds, because
 * with its password anybody could be this user now; its sessions end, and its memberships in other organizations are suspended.
 *
 * @throws DomainError not_found, guest_not_editable, grant_not_held, self_lockout
 */
export const resetFactors = async (
  dependencies: ResetFactorsDependencies,
  caller: Caller,
  userId: UserId,
  origin: Origin,
): Promise<void> => {
  if (userId === caller.subject.userId) {
    throw new DomainError('self_lockout', {
      detail: 'Nobody resets their own second factors. Remove them, or ask another administrator.',
    })
  }
  await untilCommitted(async () => {
    const member = await managed(dependencies, caller, userId)
    const before = await dependencies.readFactors(userId)
    if (before === null || before.factors.length === 0) return { committed: true, result: undefined }
    const occasion = occasionOf(dependencies, caller.snapshot.organization)
    const outcome = await dependencies.write([
      factorsWrite(before, userId, { factors: [], recoveryCodes: [] }),
      {
        label: 'user',
        update: keys.user(userId),
        set: 'SET epoch = epoch + :one, version = version + :one, updatedAt = :at',
        values: { ':one': 1, ':at': occasion.at, ':guests': member.user.guestCount },
        condition: sameGuests,
      },
      ...(await suspensionWrites(dependencies.readMemberships, caller, member, origin, occasion)),
      rowOf(caller, origin, occasion, {
        action: 'second-factors.reset',
        targetUserId: userId,
        changes: [{ field: 'secondFactors', before: before.factors.map(factorView), after: [] }],
      }),
      factorNotice('second-factors-reset', userId, occasion, { requestId: origin.requestId, address: null }),
    ])
    return outcome.committed ? { committed: true, result: undefined } : { committed: false }
  })
}
