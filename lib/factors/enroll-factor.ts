import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { Occasion } from '../audit/audit-row.ts'
import type { Deed } from '../audit/audited.ts'
import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import { requireHome } from '../identity/member.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import { showOwnUser } from '../policy/show-user.ts'
import type { CeremonyId, UserId } from '../secrets/key-id.ts'
import { newFactorId } from '../secrets/key-id.ts'
import { newRecoveryCode, spacedCode } from '../secrets/recovery-code.ts'
import { hashSecret } from '../secrets/secret-hash.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Condition } from '../table/stored-item.ts'
import { put } from '../table/stored-item.ts'
import type { Write, WriteTransaction } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import { untilCommitted } from '../table/until-committed.ts'
import type { ReadCeremony } from './ceremony.ts'
import { ceremonyEnd, isOpen, newCeremony } from './ceremony.ts'
import { factorNotice } from './factor-notice.ts'
import type { SecondFactor } from './factor-shape.ts'
import { factorView } from './factor-shape.ts'
import { creationOptions, newChallenge, verifiedCreation } from './passkey.ts'
import type { Proven, ReadFactors } from './prove-identity.ts'
import { factorWrong, requireFitting } from './prove-identity.ts'
import type { SecretSeal } from './secret-seal.ts'
import type { FactorKind, StoredCeremony, StoredFactor, StoredFactors } from './stored-factors.ts'
import { newTotpSecret, stepOfCode, totpSecretText, totpUri } from './totp.ts'

export type EnrollDependencies = Chances & {
  readonly readFactors: ReadFactors
  readonly readCeremony: ReadCeremony
  readonly seal: SecretSeal
  readonly issuer: string
  readonly write: WriteTransaction
}

/** Whose factor it is, and how the audit tells of it: a signed-in user, or one who signs in and must have a factor first. */
export type Enrolling = {
  readonly user: StoredUser
  readonly organization: StoredOrganization
  readonly row: (deed: Deed, occasion: Occasion) => Write
  readonly origin: Origin
  /** Whether a proof, or a sign-in, may add a factor to these. @throws DomainError */
  readonly requireFitting: (proven: Proven, known: readonly StoredFactor[]) => void
}

/** A signed-in user at home. @throws DomainError guest_not_editable */
export const ownEnrolling = (caller: Caller, origin: Origin): Enrolling => {
  const own = showOwnUser(caller)
  requireHome(own)
  return {
    user: own.user,
    organization: caller.snapshot.organization,
    row: (deed, occasion) => rowOf(caller, origin, occasion, deed),
    origin,
    requireFitting,
  }
}

const mostFactors = 10
/** Each one triples the codes that are right at one time. */
const mostApps = 2
const recoveryCodeCount = 10

export type Enrollment = {
  readonly enrollmentId: CeremonyId
  readonly expiresAt: string
  readonly totp?: { readonly secret: string; readonly uri: string }
  readonly passkey?: PublicKeyCredentialCreationOptionsJSON
}

/**
 * Begins the enrollment of a second factor. Until it is confirmed, the user has no such factor.
 *
 * @throws DomainError proof_required, key_limit_reached
 */
export const beginEnrollment = async (
  dependencies: EnrollDependencies,
  enrolling: Pick<Enrolling, 'user' | 'organization' | 'requireFitting'>,
  kind: FactorKind,
  proven: Proven,
): Promise<Enrollment> => {
  const { seal, issuer, randomBytes, write } = dependencies
  const { user, organization } = enrolling
  const { userId } = user
  const known = (await dependencies.readFactors(userId))?.factors ?? []
  enrolling.requireFitting(proven, known)
  requireRoom(known, kind)
  const begin = async (
    wanted: Pick<StoredCeremony, 'purpose' | 'challenge' | 'sealedSecret'>,
    shown: Pick<Enrollment, 'totp' | 'passkey'>,
  ): Promise<Enrollment> => {
    const { ceremonyId, expiresAt, writes } = newCeremony(
      userId,
      { ...wanted, hadFactor: proven.hadFactor, epoch: user.epoch },
      dependencies,
    )
    if (!(await write(writes)).committed) throw new DomainError('invalid_credentials')
    return { enrollmentId: ceremonyId, expiresAt, ...shown }
  }
  if (kind === 'totp') {
    const secret = newTotpSecret(randomBytes)
    const sealedSecret = await seal.seal(secret, userId)
    const totp = {
      secret: totpSecretText(secret),
      uri: totpUri(secret, organization.name, user.username),
    }
    return await begin({ purpose: 'enroll-totp', challenge: null, sealedSecret }, { totp })
  }
  const challenge = newChallenge(randomBytes)
  const passkeys = known.filter((factor) => factor.factorKind === 'passkey')
  const passkey = await creationOptions(issuer, organization.name, user, passkeys, challenge)
  return await begin({ purpose: 'enroll-passkey', challenge, sealedSecret: null }, { passkey })
}

/** @throws DomainError key_limit_reached */
const requireRoom = (known: readonly StoredFactor[], kind: FactorKind): void => {
  const apps = known.filter(({ factorKind }) => factorKind === 'totp').length
  if (known.length < mostFactors && (kind !== 'totp' || apps < mostApps)) return
  throw new DomainError('key_limit_reached', {
    detail: `A user can have at most ${mostFactors} second factors, ${mostApps} of them authenticator apps.`,
  })
}

export type EnrollmentConfirmation = {
  readonly enrollmentId: CeremonyId
  readonly name: string
  readonly code?: string | undefined
  readonly passkey?: RegistrationResponseJSON | undefined
}

export type Enrolled = {
  readonly secondFactor: SecondFactor
  /** With the first factor only, and only this once. */
  readonly recoveryCodes?: string[]
}

/**
 * Completes an enrollment with the first code of the app or the response of the passkey.
 *
 * @param more writes that belong to it; one of the user must be labelled so, and gets the condition that its sessions have not ended
 * @throws DomainError not_found, proof_required, second_factor_wrong, key_limit_reached, temporarily_unavailable
 */
export const confirmEnrollment = async (
  dependencies: EnrollDependencies,
  { user, organization, row, origin, requireFitting: require }: Enrolling,
  confirmation: EnrollmentConfirmation,
  more: readonly Write[] = [],
): Promise<Enrolled> => {
  const { userId } = user
  const ceremony = await dependencies.readCeremony(userId, confirmation.enrollmentId)
  const now = dependencies.now()
  const purpose = confirmation.passkey === undefined ? 'enroll-totp' : 'enroll-passkey'
  if (ceremony === undefined || ceremony.epoch !== user.epoch) throw enrollmentGone()
  if (!isOpen(ceremony, purpose, now)) throw enrollmentGone()
  const factor = await proven(dependencies, ceremony, confirmation, now)
  return await untilCommitted(async () => {
    const before = await dependencies.readFactors(userId)
    const known = before?.factors ?? []
    require(ceremony, known)
    requireRoom(known, factor.factorKind)
    if (known.some((other) => isSamePasskey(other, factor))) throw factorWrong()
    const { codes, hashes } = newCodes(dependencies.randomBytes)
    const isFirst = known.length === 0
    const recoveryCodes = isFirst ? hashes : (before?.recoveryCodes ?? [])
    const secondFactor = factorView(factor)
    const occasion = occasionOf(dependencies, organization)
    const outcome = await dependencies.write([
      factorsWrite(before, userId, { factors: [...known, factor], recoveryCodes }),
      ceremonyEnd(ceremony, now),
      // A transaction takes an item once.
      ...(more.some(({ label }) => label === 'user')
        ? []
        : [
            {
              label: 'user',
              check: keys.user(userId),
              ...sameEpoch(user),
            },
          ]),
      row(
        {
          action: 'second-factor.added',
          targetUserId: userId,
          targetId: factor.factorId,
          changes: [{ field: 'secondFactor', before: null, after: secondFactor }],
        },
        occasion,
      ),
      factorNotice('second-factor-added', userId, occasion, origin),
      ...more.map((write) => (write.label === 'user' ? provingUser(write, user) : write)),
    ])
    if (!outcome.committed && outcome.failed !== changedMeanwhile) throw enrollmentGone()
    if (!outcome.committed) return { committed: false }
    const result = { secondFactor, ...(isFirst ? { recoveryCodes: codes } : {}) }
    return { committed: true, result }
  })
}

/** It proves that the user is there and has the same epoch, so it is never left out. */
const provingUser = ({ dropOnConflict: _, dropIfRefused: __, ...write }: Write, user: StoredUser) => ({
  ...write,
  ...sameEpoch(user, write.values),
})

/** Fails without the user, too. */
const sameEpoch = ({ epoch }: StoredUser, values: Condition['values'] = {}) => ({
  condition: 'epoch = :epoch',
  values: { ...values, ':epoch': epoch },
})

const enrollmentGone = (): DomainError =>
  new DomainError('not_found', { detail: 'The enrollment has ended, or was confirmed before. Begin again.' })

const isSamePasskey = (one: StoredFactor, other: StoredFactor): boolean =>
  one.factorKind === 'passkey' && other.factorKind === 'passkey' && one.credentialId === other.credentialId

/** The new factor. @throws DomainError second_factor_wrong, temporarily_unavailable */
const proven = async (
  { seal, issuer, randomBytes }: EnrollDependencies,
  { userId, sealedSecret, challenge }: StoredCeremony,
  { name, code = '', passkey }: EnrollmentConfirmation,
  now: number,
): Promise<StoredFactor> => {
  const common = {
    factorId: newFactorId(randomBytes),
    name,
    createdAt: new Date(now).toISOString(),
    lastUsedAt: null,
  }
  if (sealedSecret !== null) {
    const lastStep = stepOfCode(await seal.open(sealedSecret, userId), code.replace(/\s/g, ''), now)
    if (lastStep === null) throw factorWrong()
    return { ...common, factorKind: 'totp', sealedSecret, lastStep }
  }
  const created =
    passkey === undefined || challenge === null ? null : await verifiedCreation(issuer, challenge, passkey)
  if (created === null) throw factorWrong()
  return { ...common, factorKind: 'passkey', ...created }
}

/** Ten new recovery codes, as they are shown and as they are stored. */
export const newCodes = (randomBytes: RandomBytes) => {
  const codes = Array.from({ length: recoveryCodeCount }, () => newRecoveryCode(randomBytes))
  return { codes: codes.map(spacedCode), hashes: codes.map(hashSecret) }
}

/** The label of the write that fails if the factors were changed in the meantime. */
const changedMeanwhile = 'second factors'

/** Replaces all factors, on condition that they are as read. The item stays when the last is removed, so that no version repeats. */
export const factorsWrite = (
  before: StoredFactors | null,
  userId: UserId,
  after: Pick<StoredFactors, 'factors' | 'recoveryCodes'>,
): Write =>
  put<typeof StoredFactors>(
    changedMeanwhile,
    {
      ...keys.factors(userId),
      kind: itemKinds.factors,
      userId,
      ...after,
      version: (before?.version ?? 0) + 1,
    },
    before === null
      ? { condition: notExists }
      : { condition: 'version = :read', values: { ':read': before.version } },
  )
