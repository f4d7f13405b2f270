import { nameOfUser } from '../../client/find.ts'
import { ownerOf } from '../../client/pasted-id.ts'
import { useApiNames } from '../../client/use-api-names.ts'
import { useCredentials, useUsers } from '../../client/use-names.ts'
import { Tag } from '../../parts/small.tsx'
import { titleOfReason } from '../../parts/states.tsx'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { Grouping } from './series.ts'

const own = texts.usage

/** What a row of the table is about. */
type Description = {
  readonly text: string
  readonly href?: string
  /** Shown beside a name that can change or be given again. */
  readonly id?: string
  readonly isGone?: boolean
  readonly isCode?: boolean
}

const reasonName = (reason: string): string =>
  reason === 'allowed' ? own.allowed : (titleOfReason(reason) ?? reason)

/**
 * Describes the values of a grouping; names come when they are read.
 *
 * @param denials what the list of denials is narrowed to besides the reason
 */
export const useDescriptions = (
  by: Grouping,
  keys: readonly string[],
  denials: Readonly<Record<string, string>> = {},
): ((key: string) => Description) => {
  const { apis, nameOf: apiName } = useApiNames()
  const owners = keys.flatMap((credential) => {
    const userId = by === 'credential' ? ownerOf(credential) : null
    return userId === null ? [] : [{ credential, userId }]
  })
  // The acting user stands in place of a credential.
  const { of: userOf } = useUsers([...keys, ...owners.map(({ userId }) => userId)])
  const { of: credentialOf } = useCredentials(owners.map(({ credential }) => credential))

  const ofUser = (id: string): Description => {
    const user = userOf(id)
    if (user === undefined) return { text: id, href: hrefOf(`/users/${id}`), isCode: true }
    if (user === 'gone') return { text: id, isCode: true, isGone: true }
    return { text: nameOfUser(user), href: hrefOf(`/users/${id}`), id }
  }
  const ofCredential = (id: string): Description => {
    if (id.startsWith('usr_')) return ofUser(id)
    if (!id.startsWith('key_')) return { text: id === 'password' ? texts.parts.password : id }
    const userId = owners.find(({ credential }) => credential === id)?.userId ?? ''
    const user = userOf(userId)
    const credential = credentialOf(id)
    if (user === 'gone' || credential === 'gone') return { text: id, isCode: true, isGone: true }
    const href = hrefOf(`/users/${userId}`, { tab: 'credentials' })
    if (credential === undefined) return { text: id, href, isCode: true }
    const username = user === undefined ? userId : user.username
    return { text: texts.picker.credentialOf(credential.name, username), href, id }
  }
  const ofApi = (id: string): Description => {
    if (!id.startsWith('api_')) return { text: id === 'unknown' ? own.unknownApi : apiName(id) }
    const isKnown = apis.some(({ apiId }) => apiId === id)
    if (isKnown) return { text: apiName(id), href: hrefOf(`/apis/${id}`), id }
    return { text: id, isCode: true, isGone: apis.length > 0 }
  }
  return (key) => {
    if (by === 'user') return ofUser(key)
    if (by === 'credential') return ofCredential(key)
    if (by === 'api') return ofApi(key)
    if (by === 'endpoint') return { text: key, isCode: true }
    return {
      text: reasonName(key),
      ...(key === 'allowed' ? {} : { href: hrefOf('/denials', { ...denials, reason: key }) }),
    }
  }
}

export const Name = ({ of: { text, href, id, isGone, isCode } }: { readonly of: Description }) => {
  const shown = isCode ? <code>{text}</code> : text
  return (
    <>
      {href === undefined ? shown : <a href={href}>{shown}</a>}
      {isGone ? (
        <>
          {' '}
          <Tag look="warning">{own.deleted}</Tag>
        </>
      ) : null}
      {id === undefined ? null : <code class="second">{id}</code>}
    </>
  )
}
