import { call } from './call.ts'
import type { ApiView, SectionView } from './granted-rights.ts'
import { plainApiOf } from './granted-rights.ts'
import type { Loaded } from './use-call.ts'
import { useLoaded } from './use-call.ts'
import { useMe } from './use-me.ts'

export type Sections = {
  readonly sections: readonly SectionView[]
  readonly apis: readonly ApiView[]
  /** The API whose name permissions leave out. */
  readonly plainApi: string | null
}

/** All sections and APIs that the organization sees. */
export const useSections = (isWanted: boolean): Loaded<Sections> => {
  const { organization } = useMe()
  return useLoaded(isWanted ? 'sections' : null, async (signal) => {
    const [{ sections }, { apis }] = await Promise.all([
      call('listSections', {}, { signal }),
      call('listApis', {}, { signal }),
    ])
    return { sections, apis, plainApi: plainApiOf(apis, organization.organizationId) }
  })
}
