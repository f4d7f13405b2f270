import { invalidField } from '../effects/domain-error.ts'
import { reaches, reachOf } from '../identity/account-group-reach.ts'
import type { Member } from '../identity/member.ts'
import type { WordEntry, WordQuery } from '../identity/search-store.ts'
import { queryWords, searchWords, wordPosition } from '../identity/search-words.ts'
import { shownIdentity } from '../identity/shown-identity.ts'
import type { StoredCredential } from '../identity/stored-credential.ts'
import type { KeyId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { isKeyId, ownerOfKey, readKeySecret, readToken } from '../secrets/key-id.ts'
import type { Lister, UserPage } from './list-users.ts'
import { defaultLimit, mostExamined } from './list-users.ts'
import { filterOf } from './user-filter.ts'
import type { UserListQuery } from './user-list-query.ts'
import type { User as UserView } from './user-shape.ts'
import { userView } from './user-view.ts'

export type FindUsersDependencies = {
  readonly readWords: (
    organizationId: OrganizationId,
    query: WordQuery,
  ) => Promise<{ readonly entries: readonly WordEntry[]; readonly next: string | null }>
  /** In the same order; undefined for users that are no members. */
  readonly readMembers: (
    organizationId: OrganizationId,
    userIds: readonly UserId[],
  ) => Promise<readonly (Member | undefined)[]>
  readonly readCredential: (target: {
    readonly userId: UserId
    readonly keyId: KeyId
  }) => Promise<StoredCredential | undefined>
}

/** One call of BatchGetItem reads both items of each. */
const membersAtOnce = 50

type Search = UserListQuery & { readonly q: string }

/**
 * The user of a key id, or one page of those whom words find.
 *
 * @throws DomainError invalid_request, temporarily_unavailable
 */
export const findUsers = async (
  dependencies: FindUsersDependencies,
  caller: Lister,
  query: Search,
): Promise<UserPage> => {
  const text = query.q.trim()
  if ((readToken(text) ?? readKeySecret(text)) !== undefined)
    throw invalidField('q', 'is the secret of a key or token. Search for its key id, and revoke it')
  const isFirstPage = query.cursor === undefined
  const owner = isFirstPage && isKeyId(text) ? await findOwner(dependencies, caller, text) : undefined
  if (owner === undefined) return await findByWords(dependencies, caller, query)
  const { isWantedMembership, isWantedUser } = filterOf(query, caller)
  const isWanted = isWantedMembership(owner.membership) && isWantedUser(owner)
  return { users: isWanted ? [userView(owner, caller.snapshot.policy)] : [], nextCursor: null }
}

/**
 * The user who has the credential with this id, if the caller may see the user and read its credentials. Makes the same reads whether or
 * not there is such a credential in the caller's organization, and none for an id that names another organization.
 */
const findOwner = async (
  { readMembers, readCredential }: FindUsersDependencies,
  { subject, reach }: Lister,
  keyId: KeyId,
): Promise<Member | undefined> => {
  const { organizationId } = subject.organization
  const owner = ownerOfKey(keyId)
  if (owner === undefined || owner.organizationId !== organizationId) return undefined
  const { userId } = owner
  const [credential, [member]] = await Promise.all([
    readCredential({ userId, keyId }),
    readMembers(organizationId, [userId]),
  ])
  if (credential === undefined || member === undefined) return undefined
  const reads = [reach, reachOf(subject, 'postern-credentials', 'read')]
  return reads.every((each) => reaches(each, member.membership)) ? member : undefined
}

/**
 * One page of the users of whose search words one begins with each word of the text, by the word that matches its longest word, then by
 * username.
 */
const findByWords = async (
  { readWords, readMembers }: FindUsersDependencies,
  caller: Lister,
  query: Search,
): Promise<UserPage> => {
  const { organizationId } = caller.subject.organization
  const { policy } = caller.snapshot
  const { isWantedMembership, isWantedUser, isEmpty } = filterOf(query, caller)
  const words = queryWords(query.q)
  const [prefix] = words.toSorted((one, other) => other.length - one.length)
  if (prefix === undefined) throw invalidField('q', 'needs a letter or a digit')
  const isDescending = query.order === 'descending'
  const isFound = (member: Member): boolean => {
    const own = searchWords(shownIdentity(member))
    return words.every((word) => own.some((each) => each.startsWith(word)))
  }
  /** Of all positions of the user in the index, the one where the list shows it. */
  const firstPosition = (member: Member): string | undefined =>
    searchWords(shownIdentity(member))
      .filter((word) => word.startsWith(prefix))
      .map((word) => wordPosition(word, member))
      .toSorted((one, other) => byBytes(one, other))
      .at(0)

  const limit = query.limit ?? defaultLimit
  const users: UserView[] = []
  let after = query.cursor ?? null
  for (let examined = 0; examined < mostExamined; ) {
    // Whatever left users out of the first read will leave out more: small reads would be a thousand for a short page.
    const wanted = !isEmpty || examined > 0 ? membersAtOnce : limit
    const count = Math.min(membersAtOnce, wanted, mostExamined - examined)
    const { entries, next } = await readWords(organizationId, { prefix, after, count, isDescending })
    examined += Math.max(1, entries.length)
    const members = await readMembers(
      organizationId,
      entries.map(({ userId }) => userId),
    )
    for (const [index, { position }] of entries.entries()) {
      after = position
      const member = members[index]
      if (member === undefined || !reaches(caller.reach, member.membership)) continue
      if (firstPosition(member) !== position || !isFound(member)) continue
      if (!isWantedMembership(member.membership) || !isWantedUser(member)) continue
      users.push(userView(member, policy))
      if (users.length < limit) continue
      const isLast = next === null && index === entries.length - 1
      return { users, nextCursor: isLast ? null : position }
    }
    if (next === null) return { users, nextCursor: null }
    after = next
  }
  return { users, nextCursor: after }
}

const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other))
