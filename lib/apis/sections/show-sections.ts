import type { Caller } from '../../contract/operation.ts'
import { DomainError } from '../../effects/domain-error.ts'
import type { SectionShape } from '../../policy/access-fields.ts'
import { sectionNamesOf } from '../../policy/api-names.ts'
import type { StoredApi, StoredSection } from '../../policy/stored-api.ts'
import type { ApiId, OrganizationId } from '../../secrets/key-id.ts'
import type { ApiDependencies } from '../edit-api.ts'

export type SectionDetails = SectionShape

/** @param api the organization's name for the API. */
export const sectionDetails = (section: StoredSection, api: string): SectionDetails => ({
  name: section.name,
  title: section.title,
  api,
  management: false,
  importedFrom: section.imported?.document ?? null,
  dashboard: section.dashboard ?? false,
  endpoints: section.endpoints.map(({ endpoint, level }) => ({ endpoint, level })),
  version: section.version,
})

type ShowDependencies = Pick<ApiDependencies, 'readApis'>

/** All sections that permissions can name: Postern's own, and those of each API that the organization sees. */
export const listSections = async (
  dependencies: ShowDependencies & { readonly ownSections: readonly SectionDetails[] },
  caller: Caller,
): Promise<SectionDetails[]> => {
  const { policy } = caller.snapshot
  const { organizationId } = policy
  const apis = await dependencies.readApis(policy.apis.map(({ apiId }) => apiId))
  const ofApis = policy.apis.flatMap(({ apiId, name }) => {
    const api = apis.get(apiId)
    return api === undefined ? [] : sectionsSeen(api, name, organizationId)
  })
  return [...dependencies.ownSections, ...ofApis]
}

const sectionsSeen = (api: StoredApi, name: string, organizationId: OrganizationId): SectionDetails[] => {
  const names = sectionNamesOf(api, organizationId)
  return api.sections
    .filter((section) => names.includes(section.name))
    .map((section) => sectionDetails(section, name))
}

/** The sections of one API. @throws DomainError not_found */
export const listApiSections = async (
  dependencies: ShowDependencies,
  caller: Caller,
  apiId: ApiId,
): Promise<SectionDetails[]> => {
  const { policy } = caller.snapshot
  const { organizationId } = policy
  const api = (await dependencies.readApis([apiId])).get(apiId)
  if (api === undefined) throw new DomainError('not_found')
  const name = policy.apis.find((seen) => seen.apiId === apiId)?.name ?? api.name
  return sectionsSeen(api, name, organizationId)
}

/** @throws DomainError not_found */
export const showSection = async (
  dependencies: ShowDependencies,
  caller: Caller,
  { apiId, name }: { readonly apiId: ApiId; readonly name: string },
): Promise<SectionDetails> => {
  const section = (await listApiSections(dependencies, caller, apiId)).find(
    (candidate) => candidate.name === name,
  )
  if (section === undefined) throw new DomainError('not_found')
  return section
}
