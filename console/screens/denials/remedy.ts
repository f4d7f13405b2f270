import { matchesPattern, parseEndpointPattern } from '../../../lib/decision/endpoint-pattern.ts'
import type { Level, SectionView } from '../../client/granted-rights.ts'
import { fullRights, sectionKey, withEndpoint, withLevel } from '../../client/granted-rights.ts'
import type { Answer } from '../../client/operations.ts'
import type { Needs } from '../../client/rights.ts'
import type { Names } from '../../parts/change-lines.ts'
import { texts } from '../../texts/en.ts'

export type Denial = Answer<'getDecision'>
export type Reason = Denial['reason']
type User = Answer<'getUser'>['user']

/** The one change that would let a refused request pass. */
export type Remedy = { readonly needs: Needs; readonly userId: User['userId'] } & (
  | { readonly kind: 'allow-address'; readonly address: string; readonly entries: readonly string[] }
  | { readonly kind: 'enable-user' | 'confirm' }
  | { readonly kind: 'enable-credential'; readonly keyId: string }
  | {
      readonly kind: 'grant'
      /** The section or the endpoint that is granted. */
      readonly granted: string
      readonly level: Level
      readonly permissions: Readonly<Record<string, Level>>
      readonly endpoints: readonly string[]
    }
)

export type Known = {
  readonly user: User
  readonly sections: readonly SectionView[]
  /** Name of the API of the request; null for Postern's own. */
  readonly api: string | null
  /** Of names of permissions that have no API in front. */
  readonly plainApi: string | null
}

const users: Needs = { section: 'postern-users', level: 'write' }
const whitelist: Needs = { section: 'postern-whitelist', level: 'write' }
const credentials: Needs = { section: 'postern-credentials', level: 'write' }

/** What the request itself carried, or how many there were. An explanation assumes both to be right. */
const ofRequest =
  /^(?:session_\w+|actor_refused|acting_refused|credential_(?:missing|malformed|unknown)|rate_limited)$/

/**
 * The reason to act on; null if the same request would pass now.
 *
 * @param now of an explanation of the same request; null = it would pass.
 */
export const reasonNow = (denied: Reason, now: Reason | null): Reason | null =>
  now ?? (ofRequest.test(denied) ? denied : null)

/**
 * Null if no single change of this organization's administrators would do, such as for an unknown credential. Whoever only claims to be the
 * user chose the address and the request, so they are granted nothing.
 */
export const remedyFor = (
  reason: Reason,
  { address, method, path, subject }: Pick<Denial, 'address' | 'method' | 'path' | 'subject'>,
  { user, sections, api, plainApi }: Known,
): Remedy | null => {
  const { userId } = user
  if (!subject.proven && reason !== 'credential_disabled') return null
  switch (reason) {
    case 'whitelist_no_match':
    case 'whitelist_required':
      return {
        kind: 'allow-address',
        needs: whitelist,
        userId,
        address,
        entries: [...user.whitelist, address],
      }
    case 'user_disabled':
      return { kind: 'enable-user', needs: users, userId }
    case 'membership_inactive':
      return user.membership === 'suspended' ? { kind: 'confirm', needs: users, userId } : null
    case 'credential_disabled':
      return subject.keyId === null
        ? null
        : { kind: 'enable-credential', needs: credentials, userId, keyId: subject.keyId }
    case 'permission_not_granted': {
      const before = fullRights(
        { permissions: withoutDenials(user.permissions), endpoints: user.endpoints },
        plainApi,
      )
      const found = narrowest(sections, api, method, path)
      if (found !== null) {
        const key = sectionKey(found.section)
        const after = withLevel(before, key, found.level)
        return { kind: 'grant', needs: users, userId, granted: key, level: found.level, ...after }
      }
      if (api === null || !isPlain(method, path)) return null
      const endpoint = `${api} ${method} ${path}`
      const level = method === 'GET' || method === 'HEAD' ? 'read' : 'write'
      return {
        kind: 'grant',
        needs: users,
        userId,
        granted: endpoint,
        level,
        ...withEndpoint(before, endpoint, true),
      }
    }
    default:
      return null
  }
}

/** The caller chose the path: as a pattern, `/*` or `/{id}` would grant more than this request. */
const isPlain = (method: string, path: string): boolean => {
  const parsed = parseEndpointPattern(`${method} ${path}`)
  return parsed.ok && method !== '*' && !parsed.pattern.segments.some((segment) => /^[*{]/.test(segment))
}

const withoutDenials = (permissions: User['permissions']): Readonly<Record<string, Level>> =>
  Object.fromEntries(
    Object.entries(permissions).flatMap(([name, level]) =>
      level === 'read' || level === 'write' ? [[name, level]] : [],
    ),
  )

/** The section with the fewest endpoints that covers the request, and the level that it demands there. */
const narrowest = (
  sections: readonly SectionView[],
  api: string | null,
  method: string,
  path: string,
): { readonly section: SectionView; readonly level: Level } | null => {
  const [found] = sections
    .filter((section) => section.api === api)
    .flatMap((section) => {
      const fitting = section.endpoints.find(({ endpoint }) => covers(endpoint, method, path))
      return fitting === undefined ? [] : [{ section, level: fitting.level }]
    })
    .toSorted((one, other) => one.section.endpoints.length - other.section.endpoints.length)
  return found ?? null
}

const covers = (pattern: string, method: string, path: string): boolean => {
  const parsed = parseEndpointPattern(pattern)
  return parsed.ok && matchesPattern(parsed.pattern, method, path.slice(1).split('/'))
}

/** The change in a sentence. */
export const sentenceOf = (
  remedy: Remedy,
  username: string,
  { credential }: Pick<Names, 'credential'>,
): string => {
  switch (remedy.kind) {
    case 'allow-address':
      return texts.denials.change.allowAddress(remedy.address, username)
    case 'enable-user':
      return texts.denials.change.enableUser(username)
    case 'confirm':
      return texts.denials.change.confirm(username)
    case 'enable-credential':
      return texts.denials.change.enableCredential(credential(remedy.keyId), username)
    case 'grant':
      return texts.denials.change.grant(remedy.level, remedy.granted, username)
  }
}
