import type { Answer } from '../../client/operations.ts'

export type Api = Answer<'getApi'>['api']
export type Section = Answer<'listApiSections'>['sections'][number]

export type ApiProps = { readonly api: Api; readonly onChanged: () => void }
