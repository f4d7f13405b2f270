import { call } from '../client/call.ts'
import type { Found } from '../client/find.ts'
import { findUsers, nameOfUser, orGone } from '../client/find.ts'
import type { Answer } from '../client/operations.ts'
import { ownerOf } from '../client/pasted-id.ts'
import { holds } from '../client/rights.ts'
import { useApiNames } from '../client/use-api-names.ts'
import { useRoleChoices } from '../client/use-choices.ts'
import { useMe } from '../client/use-me.ts'
import { texts } from '../texts/en.ts'
import type { Source } from './picker.tsx'

const own = texts.picker
const mostUsers = 8
/** While the text still fits more users, their credentials are not looked up. */
const mostOwners = 2

type UserId = Answer<'getUser'>['user']['userId'] & `usr_${string}`
type User = Answer<'listUsers'>['users'][number]

const asFound = (user: User): Found => ({ value: user.userId, text: nameOfUser(user), kind: own.user })

const nameOfUserId = async (userId: UserId, signal: AbortSignal): Promise<string | null> => {
  const answer = await orGone(call('getUser', { params: { userId } }, { signal }))
  return answer === null ? null : nameOfUser(answer.user)
}

/** Without the right to see users, only ids can be given. */
export const useUserSource = (): Source => {
  const maySee = holds(useMe(), { section: 'postern-users', level: 'read' })
  return {
    find: async (text, signal) => (maySee ? (await findUsers(text, mostUsers, signal)).map(asFound) : []),
    nameOf: async (value, signal) => (maySee ? nameOfUserId(value as UserId, signal) : undefined),
  }
}

const isKeyId = (text: string): boolean => ownerOf(text) !== null

const credentialsOf = async (user: User, signal: AbortSignal): Promise<readonly Found[]> => {
  const { userId } = user as { readonly userId: UserId }
  const answer = await orGone(call('listCredentials', { params: { userId } }, { signal }))
  return (answer?.credentials ?? []).map(({ keyId, name }) => ({
    value: keyId,
    text: own.credentialOf(name, user.username),
    kind: own.credential,
  }))
}

/** Credentials, found by their users. */
export const useCredentialSource = (): Source => {
  const me = useMe()
  const maySee = (['postern-users', 'postern-credentials'] as const).every((section) =>
    holds(me, { section, level: 'read' }),
  )
  return {
    find: async (text, signal) => {
      const users = maySee ? await findUsers(text, mostOwners + 1, signal) : []
      if (users.length > mostOwners) return []
      const found = (await Promise.all(users.map((user) => credentialsOf(user, signal)))).flat()
      return isKeyId(text) ? found.filter(({ value }) => value === text) : found
    },
    nameOf: async (value, signal) => {
      const userId = ownerOf(value)
      if (!maySee || userId === null) return undefined
      const answer = await orGone(call('getUser', { params: { userId } }, { signal }))
      if (answer === null) return null
      const credentials = await credentialsOf(answer.user, signal)
      return credentials.find((each) => each.value === value)?.text ?? null
    },
  }
}

/** Whatever an audit row can be about and has a name: users, credentials, APIs and roles. */
export const useTargetSource = (): Source => {
  const users = useUserSource()
  const credentials = useCredentialSource()
  const { apis } = useApiNames()
  const roles = useRoleChoices()
  const named: readonly Found[] = [
    ...apis.map(({ apiId, name }) => ({ value: apiId as string, text: name, kind: own.api })),
    ...roles.map((role) => ({ ...role, kind: own.role })),
  ]
  return {
    find: async (text, signal) => {
      const wanted = text.toLowerCase()
      const [found, keys] = await Promise.all([users.find(text, signal), credentials.find(text, signal)])
      // A key id finds its user too, but names the credential.
      const those = isKeyId(text) ? [...keys, ...found] : [...found, ...keys]
      return [...those, ...named.filter((each) => each.text.toLowerCase().includes(wanted))]
    },
    nameOf: async (value, signal) => {
      if (value.startsWith('usr_')) return users.nameOf(value, signal)
      if (value.startsWith('key_')) return credentials.nameOf(value, signal)
      return named.find((each) => each.value === value)?.text
    },
  }
}
