import type { Caller, Once, Origin, Written } from '../lib/contract/operation.ts'
import { readCredentials, readPasswordHash } from '../lib/credentials/credential-store.ts'
import { allUsers } from '../lib/drop-in/all-users.ts'
import { changeThousandEyesUser, findByUid } from '../lib/drop-in/change-thousandeyes-user.ts'
import { changeTykUser, resetTykKey } from '../lib/drop-in/change-tyk-user.ts'
import { createThousandEyesUser } from '../lib/drop-in/create-thousandeyes-user.ts'
import { createTykUser, tykFieldOf } from '../lib/drop-in/create-tyk-user.ts'
import { dropInRefusals } from '../lib/drop-in/refusals.ts'
import { renamingFields } from '../lib/drop-in/renamed-fields.ts'
import { thousandEyesEndpoints } from '../lib/drop-in/thousandeyes-endpoints.ts'
import type { ThousandEyesChangeBody, ThousandEyesUserBody } from '../lib/drop-in/thousandeyes-shapes.ts'
import { thousandEyesRole, thousandEyesUser } from '../lib/drop-in/thousandeyes-user.ts'
import { tykEndpoints } from '../lib/drop-in/tyk-endpoints.ts'
import { tykPage, tykUser } from '../lib/drop-in/tyk-user.ts'
import { xmlDocument } from '../lib/drop-in/xml.ts'
import { DomainError } from '../lib/effects/domain-error.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { reachOf } from '../lib/identity/account-group-reach.ts'
import { readUserIdByUid, readUsernameHolder } from '../lib/identity/user-store.ts'
import { changePassword } from '../lib/passwords/change-password.ts'
import { listRoles } from '../lib/policy/show-roles.ts'
import { showUser } from '../lib/policy/show-user.ts'
import type { UserId } from '../lib/secrets/key-id.ts'
import { passwordHasher } from '../lib/secrets/password-hasher.ts'
import type { WriteTransaction } from '../lib/table/transaction.ts'
import { deleteUser } from '../lib/users/delete-user.ts'
import { userView } from '../lib/users/user-view.ts'
import { openApi } from './wiring/api.ts'
import { openThrottles } from './wiring/throttles.ts'
import { openList } from './wiring/user-lists.ts'

const api = openApi()
const dependencies = {
  ...api,
  ...openThrottles(api.table),
  hasher: passwordHasher(),
  passwordLink: null,
  readPasswordHash: (userId: UserId) => readPasswordHash(api.table, userId),
  readCredentials: (userId: UserId) => readCredentials(api.table, userId),
  readUsernameHolder: (canonicalUsername: string) => readUsernameHolder(api.table, canonicalUsername),
  readUserIdByUid: (uid: number) => readUserIdByUid(api.table, uid),
  ...openList(api.table),
}

type Writing = { readonly write: WriteTransaction; readonly once: Once }
const writing = ({ write, once }: Writing) => ({ ...dependencies, write, once })

const asXml = (body: unknown): Written => ({
  mediaType: 'application/xml',
  text: xmlDocument('response', body),
})

type Format = { readonly format?: 'json' | 'xml' | undefined }
type Request = { readonly caller: Caller; readonly origin: Origin; readonly query: Format }
type OfUser = { readonly params: { readonly uid: number } }

const answer = <T>({ format }: Format, body: T) => ({ body, ...(format === 'xml' ? { write: asXml } : {}) })

const thousandEyes = {
  list: async ({ caller, query }: Request) => {
    const users = await allUsers(dependencies, caller)
    return answer(query, { users: users.map((user) => thousandEyesUser(user, caller.snapshot.policy)) })
  },
  show: async ({ caller, query, params }: Request & OfUser) => {
    const { policy } = caller.snapshot
    const member = await findByUid(dependencies, caller, params.uid)
    return answer(query, { users: [thousandEyesUser(userView(member, policy), policy)] })
  },
  create: async ({
    caller,
    query,
    body,
    origin,
    ...by
  }: Request & Writing & { readonly body: ThousandEyesUserBody }) =>
    answer(query, { users: [await createThousandEyesUser(writing(by), caller, body, origin)] }),
  change: async ({
    caller,
    query,
    params,
    body,
    origin,
    ...by
  }: Request & Writing & OfUser & { readonly body: ThousandEyesChangeBody }) =>
    answer(query, {
      users: [await changeThousandEyesUser(writing(by), caller, params.uid, body, origin)],
    }),
  remove: async ({ caller, params, origin, ...by }: Request & Writing & OfUser) => {
    const { user } = await findByUid(dependencies, caller, params.uid)
    await deleteUser(writing(by), caller, user.userId, null, origin)
    return {}
  },
  roles: ({ caller, query }: Request) =>
    answer(query, { roles: listRoles(caller.snapshot.policy).map(thousandEyesRole) }),
}

const tykDone = <M extends string>(message: M) =>
  ({ body: { Message: message, Meta: null, Status: 'OK' } }) as const
const withToken = (token: string | undefined) =>
  token === undefined ? {} : { headers: { 'postern-access-token': token } }

export const handler = httpFunction(
  'drop-in',
  [...tykEndpoints, ...thousandEyesEndpoints],
  {
    createTykUser: async ({ caller, body, origin, ...by }) => {
      const { accessToken } = await createTykUser(writing(by), caller, body, origin)
      return { ...tykDone('User created'), ...withToken(accessToken) }
    },
    listTykUsers: async ({ caller, query }) => ({
      body: tykPage(
        await allUsers(dependencies, caller),
        caller.subject.organization.organizationId,
        query.p,
      ),
    }),
    getTykUser: async ({ caller, params }) => {
      const user = userView(await showUser(dependencies, caller, params.userId), caller.snapshot.policy)
      return { body: tykUser(user, caller.subject.organization.organizationId) }
    },
    changeTykUser: async ({ caller, params, body, origin, ...by }) => {
      await changeTykUser(writing(by), caller, params.userId, body, origin)
      return tykDone('User updated')
    },
    deleteTykUser: async ({ caller, params, origin, ...by }) => {
      await deleteUser(writing(by), caller, params.userId, null, origin)
      return tykDone('User deleted')
    },
    changeTykPassword: async ({ caller, params, body, origin, ...by }) => {
      if (params.userId !== caller.subject.userId) {
        // A caller without read permission learns of no user, and no caller of users in other organizations (U1).
        await showUser(
          dependencies,
          { ...caller, reach: reachOf(caller.subject, 'postern-users', 'read') },
          params.userId,
        )
        throw new DomainError('access_denied', {
          detail:
            "Nobody changes another user's password: POST /v1/users/{userId}/password-reset-link makes a link by which the user chooses one.",
        })
      }
      const { current_password: currentPassword, new_password: newPassword } = body
      const change = { currentPassword, newPassword, confirmPassword: newPassword }
      await renamingFields(
        (path) => tykFieldOf(path, {}),
        () => changePassword(writing(by), caller, change, origin),
      )
      return tykDone('User password updated')
    },
    resetTykKey: async ({ caller, params, origin, ...by }) => ({
      ...tykDone('User session renewed'),
      ...withToken(await resetTykKey(writing(by), caller, params.userId, origin)),
    }),
    createThousandEyesUser: thousandEyes.create,
    createThousandEyesUserV6: thousandEyes.create,
    createThousandEyesUserJson: thousandEyes.create,
    listThousandEyesUsers: thousandEyes.list,
    listThousandEyesUsersV6: thousandEyes.list,
    listThousandEyesUsersJson: thousandEyes.list,
    getThousandEyesUser: thousandEyes.show,
    getThousandEyesUserV6: thousandEyes.show,
    changeThousandEyesUser: thousandEyes.change,
    changeThousandEyesUserV6: thousandEyes.change,
    changeThousandEyesUserJson: thousandEyes.change,
    deleteThousandEyesUser: thousandEyes.remove,
    deleteThousandEyesUserV6: thousandEyes.remove,
    deleteThousandEyesUserJson: thousandEyes.remove,
    listThousandEyesRoles: thousandEyes.roles,
    listThousandEyesRolesV6: thousandEyes.roles,
    listThousandEyesRolesJson: thousandEyes.roles,
  },
  { ...api.http, refusals: dropInRefusals },
)
