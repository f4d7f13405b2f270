import type { Caller } from '../contract/operation.ts'
import { invalidField } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { showUser } from '../policy/show-user.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { ReadSightings } from '../sightings/show-sightings.ts'
import { sightingsOf } from '../sightings/show-sightings.ts'
import { parseAddress } from '../whitelist/address.ts'
import type { CompiledWhitelist, WhitelistRanges } from '../whitelist/match.ts'
import { compileWhitelist, letsIn, matchWhitelist } from '../whitelist/match.ts'
import { formatNetwork, networkOf } from '../whitelist/network.ts'
import type { Provider } from '../whitelist/provider.ts'
import { providers } from '../whitelist/provider.ts'
import type { PrepareRanges } from '../whitelist/provider-ranges.ts'
import type { ListUsersDependencies } from './list-users.ts'
import { listUsers } from './list-users.ts'
import type { Source, SourceListQuery } from './source-endpoints.ts'
import type { User } from './user-shape.ts'
import { userView } from './user-view.ts'

export type ListSourcesDependencies = ListUsersDependencies & {
  readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
  readonly readSightings: ReadSightings
  readonly prepareRanges: PrepareRanges
}

const usersOnPage = 25
/** Of one user. 50 users with so many fit one Lambda response (6 MB) at about 300 bytes an address. */
export const mostAddresses = 300
const words = providers.map((provider) => ({ kind: 'provider', provider }) as const)

/** The latest addresses from which one user, or a page of users, called. @throws DomainError not_found, invalid_request */
export const listSources = async (
  dependencies: ListSourcesDependencies,
  caller: Caller,
  { userId, limit = usersOnPage, cursor }: SourceListQuery,
): Promise<{ sources: Source[]; nextCursor: string | null }> => {
  const { organizationId, whitelistRequired } = caller.subject.organization
  if (userId !== undefined && cursor !== undefined)
    throw invalidField('cursor', 'does not go with userId, which has one page')
  const { users, nextCursor } =
    userId === undefined
      ? await listUsers(dependencies, caller, cursor === undefined ? { limit } : { limit, cursor })
      : {
          users: [userView(await showUser(dependencies, caller, userId), caller.snapshot.policy)],
          nextCursor: null,
        }
  const listed = users.map((user) => ({ user, whitelist: compileWhitelist(user.whitelist) }))
  const [ranges, ...seen] = await Promise.all([
    dependencies.prepareRanges([...words, ...listed.flatMap(({ whitelist }) => whitelist.providers)]),
    ...users.map((user) => sightingsOf(dependencies.readSightings, organizationId, user.userId)),
  ])
  const sources = listed.flatMap(({ user, whitelist }, index) =>
    // The sightings are the latest first, and so are the addresses.
    [...Map.groupBy(seen[index]?.addresses ?? [], ({ address }) => address)].slice(0, mostAddresses).map(
      ([address, calls]): Source => ({
        userId: user.userId,
        username: user.username,
        address,
        ...networkAt(address, ranges),
        whitelisted: isLetIn(user, whitelist, whitelistRequired, address, ranges),
        count: calls.reduce((sum, { count }) => sum + count, 0),
        refused: calls.reduce((sum, { refused }) => sum + refused, 0),
        firstSeenAt: calls.map(({ firstSeenAt }) => firstSeenAt).toSorted()[0] ?? '',
        lastSeenAt:
          calls
            .map(({ lastSeenAt }) => lastSeenAt)
            .toSorted()
            .at(-1) ?? '',
      }),
    ),
  )
  return { sources, nextCursor }
}

/** The home organization of a guest keeps its whitelist; nobody else sees it. */
const isLetIn = (
  { membership }: User,
  whitelist: CompiledWhitelist,
  isRequired: boolean,
  address: string,
  ranges: WhitelistRanges,
): boolean | null => {
  if (membership !== 'home') return null
  return whitelist.isEmpty ? !isRequired : letsIn(matchWhitelist(whitelist, address, ranges))
}

const networkAt = (text: string, ranges: WhitelistRanges): { network: string; cloud: Provider | null } => {
  const address = parseAddress(text)
  if (address === undefined) return { network: text, cloud: null }
  for (const word of words) {
    const list = ranges(word)
    const block = list?.state === 'ready' ? list.prefixOf(address) : undefined
    if (block !== undefined) return { network: block, cloud: word.provider }
  }
  return { network: formatNetwork(networkOf(address, address.family === 4 ? 24 : 48)), cloud: null }
}
