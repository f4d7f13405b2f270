import { titleOfReason } from '../../parts/states.tsx'
import { texts } from '../../texts/en.ts'

/** Names for ids and numbers; undefined where there is none. */
export type SawNames = {
  readonly of: (id: string) => string | undefined
  readonly group: (aid: number) => string
}

/** What a check saw, as a reader wants it: the title of a reason for its code, and names for ids and numbers. */
export const inWords = (saw: string, names: SawNames): string =>
  saw
    .replace(/^[a-z]+(?:_[a-z]+)+(?=:|$)/, (code) => titleOfReason(code) ?? code)
    .replace(/ \(api_\w+\)$/, '')
    .replace(/^session (ses_\w+)$/, (_, id) => names.of(id) ?? texts.auditRows.session)
    .replace(/(?<=the request names |account group |has it in )\d+/, (aid) => names.group(Number(aid)))
    .replaceAll(/\b(?:usr|org|key)_\w+/g, (id) => names.of(id) ?? id)
