import { call } from './call.ts'
import type { SectionView } from './granted-rights.ts'
import { plainApiOf } from './granted-rights.ts'
import type { Loaded } from './use-call.ts'
import { useLoaded } from './use-call.ts'
import { useMe } from './use-me.ts'

export type Sections = { readonly sections: readonly SectionView[]; readonly plainApi: string | null }

/** All sections that the organization sees, and the API whose name its permissions leave out. */
export const useSections = (isWanted: boolean): Loaded<Sections> => {
  const { organization } = useMe()
  return useLoaded(isWanted ? 'sections' : null, async (signal) => {
    const [{ sections }, { apis }] = await Promise.all([
      call('listSections', {}, { signal }),
      call('listApis', {}, { signal }),
    ])
    return { sections, plainApi: plainApiOf(apis, organization.organizationId) }
  })
}
