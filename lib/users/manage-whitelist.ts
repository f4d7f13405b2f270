import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { isGuest, requireHome, versionOf } from '../identity/member.ts'
import { showUser } from '../policy/show-user.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { ChangeUserDependencies, Expected } from '../users/change-user.ts'
import { changeUser } from '../users/change-user.ts'
import { parseAddress } from '../whitelist/address.ts'
import type { ProviderLists } from '../whitelist/examine-whitelist.ts'
import { examineWhitelist } from '../whitelist/examine-whitelist.ts'
import type { WhitelistRanges } from '../whitelist/match.ts'
import { compileWhitelist, matchWhitelist } from '../whitelist/match.ts'
import { rangesForTexts } from '../whitelist/prepared-ranges.ts'
import type { PrepareRanges } from '../whitelist/provider-ranges.ts'

export type WhitelistView = {
  readonly entries: string[]
  readonly warnings: string[]
  readonly version: number
}

/** @throws DomainError not_found, guest_not_editable */
export const showWhitelist = async (
  dependencies: Pick<ChangeUserDependencies, 'readMember'> & ProviderLists,
  caller: Caller,
  userId: UserId,
): Promise<WhitelistView> => {
  const member = await showUser(dependencies, caller, userId)
  requireHome(member)
  return whitelistView(dependencies, member)
}

/**
 * Changes the whitelist, a field of the user, under its own audit action.
 *
 * @returns the changed user
 * @throws DomainError as `changeUser` does
 */
export const replaceWhitelist = (
  dependencies: ChangeUserDependencies,
  caller: Caller,
  userId: UserId,
  entries: readonly string[],
  expected: Expected,
  origin: Origin,
): Promise<Member> =>
  changeUser(
    dependencies,
    caller,
    userId,
    { whitelist: [...entries] },
    expected,
    origin,
    'whitelist.replaced',
  )

export const whitelistView = async (lists: ProviderLists, member: Member): Promise<WhitelistView> => ({
  entries: member.user.whitelist,
  warnings: await warningsFor(lists, member.user.whitelist),
  version: versionOf(member),
})

/** Warnings about saved entries. */
export const warningsFor = async (lists: ProviderLists, entries: readonly string[]): Promise<string[]> => {
  if (entries.length === 0) return ['The whitelist is empty: this user may call from any address.']
  return [...(await examineWhitelist(lists, entries)).warnings]
}

export type CheckDependencies = Pick<ChangeUserDependencies, 'readMember'> & {
  readonly readUserIdByUsername: (username: string) => Promise<UserId | undefined>
  readonly prepareRanges: PrepareRanges
}

export type WhitelistVerdict = {
  readonly allowed: boolean
  readonly entry: string | null
  readonly reason: string
}

/**
 * Checks an address against a user's whitelist by the rule for requests.
 *
 * @throws DomainError not_found; a malformed address is a result, not an error
 */
export const checkWhitelist = async (
  dependencies: CheckDependencies,
  caller: Caller,
  asked: {
    readonly userId?: UserId | undefined
    readonly username?: string | undefined
    readonly address: string
  },
): Promise<WhitelistVerdict> => {
  const { organization } = caller.subject
  const userId = asked.userId ?? (await dependencies.readUserIdByUsername(asked.username ?? ''))
  if (userId === undefined) throw new DomainError('not_found')
  const member = await showUser(dependencies, caller, userId)
  // Before acceptance the host sees nothing of the user's whitelist.
  if (member.membership.status === 'invited') return notAccepted
  const { whitelist } = member.user
  const ranges = await rangesForTexts(dependencies.prepareRanges, whitelist)
  const verdict = verdictOn(whitelist, asked.address, organization.whitelistRequired, ranges)
  return isGuest(member) ? asToHost(verdict) : verdict
}

const notAccepted: WhitelistVerdict = {
  allowed: false,
  entry: null,
  reason: 'membership_inactive: the user has not accepted the invitation',
}

/** The host sees whether the guest may call from an address, not the entries that its home set. */
const asToHost = ({ allowed, reason }: WhitelistVerdict): WhitelistVerdict => ({
  allowed,
  entry: null,
  reason: `${reason.split(':')[0]}: by the whitelist of the home organization`,
})

const verdictOn = (
  entries: readonly string[],
  address: string,
  isRequired: boolean,
  ranges: WhitelistRanges,
): WhitelistVerdict => {
  const refused = (reason: string): WhitelistVerdict => ({ allowed: false, entry: null, reason })
  if (parseAddress(address) === undefined)
    return refused('address_unreadable: this is not an IPv4 or IPv6 address')
  const whitelist = compileWhitelist(entries)
  if (whitelist.isEmpty && isRequired)
    return refused('whitelist_required: the organization demands a whitelist')
  const result = matchWhitelist(whitelist, address, ranges)
  switch (result.outcome) {
    case 'unrestricted':
      return { allowed: true, entry: null, reason: 'unrestricted: the whitelist is empty' }
    case 'matched': {
      const published =
        result.prefix === undefined ? '' : ` through ${result.prefix}, list of ${result.providerVersion}`
      return { allowed: true, entry: result.entry, reason: `matched: ${result.entry}${published}` }
    }
    case 'no_match':
      return refused(`whitelist_no_match: no entry of the whitelist (${whitelist.size}) holds this address`)
    case 'address_unreadable':
      return refused('address_unreadable: this is not an IPv4 or IPv6 address')
    case 'unevaluable':
      return { allowed: false, entry: result.entry, reason: `whitelist_unevaluable: ${result.why}` }
  }
}
