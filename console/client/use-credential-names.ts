import { texts } from '../texts/en.ts'
import { holds } from './rights.ts'
import { useCall } from './use-call.ts'
import { useMe } from './use-me.ts'

/** Names for what sightings call a credential; its id if it is gone or may not be seen. */
export const useCredentialNames = (userId: string): ((credential: string) => string) => {
  const maySee = holds(useMe(), { section: 'postern-credentials', level: 'read' })
  const { data } = useCall('listCredentials', maySee ? { params: { userId } } : null)
  const names = new Map((data?.credentials ?? []).map(({ keyId, name }) => [keyId as string, name]))
  return (credential) =>
    credential === 'password' ? texts.parts.password : (names.get(credential) ?? credential)
}
