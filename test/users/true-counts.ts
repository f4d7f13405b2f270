import { listedFields } from '../../lib/identity/listed-fields.ts'
import { StoredMembership } from '../../lib/identity/stored-membership.ts'
import { StoredUser } from '../../lib/identity/stored-user.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { allItems } from '../fresh-table.ts'

type Item = Record<string, unknown>

const isLasting = ({ expiresAt, status }: Item): boolean => expiresAt === null && status === 'active'

const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : [])

/** Where users are listed and searched, held against what each organization sees of them. */
const wrongListings = (items: readonly Item[]): string[] => {
  const users = items.filter(({ kind }) => kind === 'user').map((item) => StoredUser.parse(item))
  return items
    .filter(({ kind }) => kind === 'membership')
    .flatMap((item) => {
      const membership = StoredMembership.parse(item)
      const user = users.find(({ userId }) => userId === membership.userId)
      if (user === undefined) return []
      return Object.entries(listedFields({ user, membership })).flatMap(([field, value]) =>
        item[field] === value
          ? []
          : [`${item['pk']} ${item['sk']}: ${field} is ${item[field]}, not ${value}`],
      )
    })
}

/**
 * Every count that is stored, held against the rows that it counts: those of an organization's administrators who can get in, and of
 * each user's credentials and memberships. Written from RIGHTS, not from the code.
 *
 * @returns what is wrong, one sentence each
 */
export const wrongCounts = async (table: Table): Promise<string[]> => wrongCountsIn(await allItems(table))

/** @param items the whole table */
export const wrongCountsIn = (items: readonly Item[]): string[] => {
  const ofKind = (kind: string) => items.filter((item) => item['kind'] === kind)
  const ofUser = (kind: string, userId: unknown) => ofKind(kind).filter((item) => item['userId'] === userId)
  const users = ofKind('user')

  const wrongOf = (user: Item): string[] => {
    const { userId } = user
    const credentials = ofUser('credential', userId)
    const memberships = ofUser('membership', userId)
    const counted = {
      credentialCount: credentials.length,
      importedCount: credentials.filter((credential) => credential['imported'] !== null).length,
      lastingCredentialCount: credentials.filter(isLasting).length,
      hasPassword: ofUser('password', userId).length > 0,
      guestCount: memberships.filter(
        (membership) => membership['organizationId'] !== user['homeOrganizationId'],
      ).length,
    }
    return Object.entries(counted).flatMap(([field, value]) =>
      user[field] === value ? [] : [`${userId}: ${field} is ${user[field]}, and there are ${value}`],
    )
  }

  const isAdministratorOf = (organizationId: unknown) => (user: Item) => {
    const membership = ofUser('membership', user['userId']).find(
      (row) => row['organizationId'] === organizationId,
    )
    const roles = numbers(membership?.['allAccountGroupRoles'])
    const lasting = ofUser('credential', user['userId']).some(isLasting)
    const canGetIn = lasting || ofUser('password', user['userId']).length > 0 || user['email'] !== null
    const isHome = user['homeOrganizationId'] === organizationId
    return isHome && user['status'] === 'active' && (roles.includes(1) || roles.includes(4)) && canGetIn
  }
  const ownerless = ['credential', 'membership', 'password']
    .flatMap(ofKind)
    .filter((item) => !users.some((user) => user['userId'] === item['userId']))
    .map((item) => `${item['kind']} ${item['sk']} outlived its user`)

  return [
    ...wrongListings(items),
    ...users.flatMap(wrongOf),
    ...ownerless,
    ...ofKind('organization').flatMap((organization) => {
      const stored = organization['administratorCount']
      const counted = users.filter(isAdministratorOf(organization['organizationId'])).length
      const name = organization['organizationId']
      return [
        ...(stored === counted ? [] : [`${name}: counts ${stored} administrators, and there are ${counted}`]),
        ...(counted > 0 ? [] : [`${name}: nobody is home`]),
      ]
    }),
  ]
}
