import { sameGuests } from '../guests/guest-count.ts'
import { holdsAdministratorRole, isAdministrator } from '../identity/administrator.ts'
import type { Member } from '../identity/member.ts'
import { administratorCountWrite } from '../policy/administrator-count.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'

type CountChange = { readonly credentials: number; readonly imported: number; readonly lasting: number }

/** Updates the user's counts, and the organization's count of administrators if an administrator gains its first or loses its last lasting credential. */
export const credentialCountWrites = (
  { user, membership }: Member,
  { credentials, imported, lasting }: CountChange,
  limits: { readonly credentials: number; readonly imported: number } | null,
  /** Whether the change suspends the user's memberships in other organizations. */
  isForeign: boolean,
  ends?: 'sessions end',
): Write[] => {
  const after = { ...user, lastingCredentialCount: user.lastingCredentialCount + lasting }
  const [was, is] = [isAdministrator(user, membership), isAdministrator(after, membership)]
  const belowLimit = 'credentialCount < :limit'
  const importedBelowLimit = 'importedCount < :importLimit'
  // The change of the administrator count depends on the user and the credentials as read.
  const sameUser = 'version = :version'
  const sameCredentials = 'lastingCredentialCount = :lastingRead'
  const isCounted = holdsAdministratorRole(membership)
  const conditions = [
    ...(limits === null ? [] : [belowLimit]),
    ...(limits !== null && imported > 0 ? [importedBelowLimit] : []),
    ...(lasting === 0 ? [] : [sameUser]),
    ...(isCounted ? [sameCredentials] : []),
    ...(isForeign ? [sameGuests] : []),
  ]
  return [
    {
      label: 'count',
      update: keys.user(user.userId),
      set: `ADD credentialCount :credentials, importedCount :imported, lastingCredentialCount :lasting${ends === undefined ? '' : ', epoch :one, version :one'}`,
      values: {
        ':credentials': credentials,
        ':imported': imported,
        ':lasting': lasting,
        ...(ends === undefined ? {} : { ':one': 1 }),
        ...(limits === null ? {} : { ':limit': limits.credentials }),
        ...(limits !== null && imported > 0 ? { ':importLimit': limits.imported } : {}),
        ...(lasting === 0 ? {} : { ':version': user.version }),
        ...(isCounted ? { ':lastingRead': user.lastingCredentialCount } : {}),
        ...(isForeign ? { ':guests': user.guestCount } : {}),
      },
      ...(conditions.length === 0 ? {} : { condition: conditions.join(' AND ') }),
    },
    ...(was === is ? [] : [administratorCountWrite(membership.organizationId, is ? 1 : -1)]),
  ]
}
