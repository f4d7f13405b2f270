import { visibilityOf } from '../decision/protected-api.ts'
import type { StoredApi } from '../policy/stored-api.ts'
import { protectedApiOf } from '../policy/stored-api.ts'
import type { ApiId, OrganizationId } from '../secrets/key-id.ts'
import { canonicalAudience } from './audience.ts'

type TargetApi =
  | { readonly ok: true; readonly audience: string | null; readonly apiId: ApiId | null }
  | { readonly ok: false }

/** The target of a token: none (null), Postern itself, or an API that the organization sees. */
export type ReadTargetApi = (audience: string | null, organizationId: OrganizationId) => Promise<TargetApi>

type Dependencies = {
  readonly issuer: string
  readonly readApiIdByAudience: (audience: string) => Promise<ApiId | undefined>
  readonly readApi: (apiId: ApiId) => Promise<StoredApi | undefined>
}

/** Reads the API by its audience (RFC 8707 section 2). Unknown and invisible APIs give the same result. */
export const targetApiReader =
  ({ issuer, readApiIdByAudience, readApi }: Dependencies): ReadTargetApi =>
  async (audience, organizationId) => {
    if (audience === null) return { ok: true, audience: null, apiId: null }
    const wanted = canonicalAudience(audience)
    if (wanted === canonicalAudience(issuer)) return { ok: true, audience: null, apiId: null }
    const apiId = await readApiIdByAudience(audience)
    const api = apiId === undefined ? undefined : await readApi(apiId)
    const isSeen = api !== undefined && visibilityOf(protectedApiOf(api), organizationId) !== null
    // The claim of an old audience still names the API.
    if (!isSeen || canonicalAudience(api.audience) !== wanted) return { ok: false }
    return { ok: true, audience: api.audience, apiId: api.apiId }
  }
