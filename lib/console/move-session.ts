import { occasionOf } from '../audit/occasion.ts'
import type { Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import { secondStepOf } from '../factors/factor-rule.ts'
import type { KeyOwner, OrganizationId } from '../secrets/key-id.ts'
import type { Account, FoundAccount } from '../sessions/account.ts'
import { rowOfSession } from '../sessions/login-writes.ts'
import type { ProvePasswordDependencies } from '../sessions/prove-password.ts'
import { admissionOf } from '../sessions/prove-password.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import type { AdmitCookieDependencies } from './admit-cookie.ts'
import { admitCookie } from './admit-cookie.ts'
import type { OpenDependencies } from './console-session.ts'
import { endsOf, openConsoleSession } from './console-session.ts'
import { consoleEntrance } from './sign-in.ts'
import { endWrites } from './sign-out.ts'
import type { StoredConsoleSession } from './stored-console-session.ts'

export type MoveDependencies = AdmitCookieDependencies &
  OpenDependencies &
  Pick<ProvePasswordDependencies, 'prepareRanges' | 'spendSession'> & {
    readonly readAccount: (of: KeyOwner) => Promise<FoundAccount>
    readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
  }

/**
 * Opens a session in another organization of the user in place of this one, without the password: whatever a sign-in there checks is checked,
 * and what it would ask for was given when this session was opened. Its absolute end stays.
 *
 * @throws DomainError invalid_credentials, access_denied, not_found, second_factor_required, too_many_requests
 */
export const moveSession = async (
  dependencies: MoveDependencies,
  organizationId: OrganizationId,
  { cookies, userAgent }: { readonly cookies: readonly string[]; readonly userAgent: string },
  origin: Origin,
) => {
  const request = { cookies, method: 'POST', path: '/v1/console/session/organization' } as const
  const { session, caller } = await admitCookie(dependencies, request, ['signed-in'], origin)
  const { userId } = session
  const { account } = await dependencies.readAccount({ userId, organizationId })
  if (account === undefined) throw noMembership()
  const denial = await admissionOf(account, consoleEntrance, origin, dependencies.prepareRanges)
  if (denial !== null) throw noMembership()
  // Ended after it was admitted, also by another access level: the new one would begin with the new epoch.
  if (!session.epoch.startsWith(`${account.user.epoch}.`)) throw new DomainError('invalid_credentials')
  requireFactor(session, account)
  await dependencies.spendSession({ userId, organizationId })
  const from = { address: origin.address, userAgent }
  const opened = openConsoleSession(dependencies, account, 'signed-in', from, session)
  const leaving = occasionOf(dependencies, caller.snapshot.organization)
  const entering = occasionOf(dependencies, account.organization)
  const outcome = await dependencies.write([
    ...endWrites(session, leaving.at, { secretHash: session.secretHash, by: opened.session.sessionId }),
    rowOfSession(caller.snapshot, session.sessionId, origin, leaving, 'session.ended'),
    opened.write,
    rowOfSession(account, opened.session.sessionId, origin, entering, 'session.moved'),
  ])
  if (!outcome.committed) throw new DomainError('invalid_credentials')
  return { cookie: opened.cookie, answer: { state: 'signed-in' as const, ...endsOf(opened.session) } }
}

/** One answer for all causes, as at a sign-in. */
const noMembership = (): DomainError =>
  new DomainError('not_found', {
    detail: 'You have no active membership in this organization, or it refuses your sessions from here.',
  })

/** A session that took the password alone cannot go where a second factor is asked for, nor can a first one be set up without it. */
const requireFactor = ({ tookFactor }: StoredConsoleSession, account: Account): void => {
  const step = secondStepOf(account.factors, account)
  if (step === 'none' || (step === 'required' && tookFactor)) return
  throw new DomainError('second_factor_required', {
    detail: 'This organization asks for a second factor. Sign in to it.',
  })
}
