import { texts } from '../../texts/en.ts'

const reasons: Readonly<Record<string, { readonly title: string } | undefined>> = texts.denials.reasons

/**
 * What a check saw, as a reader wants it: the title of a reason for its code, and names for ids.
 *
 * @param names of users and organizations, by their ids
 */
export const inWords = (saw: string, names: Readonly<Record<string, string | undefined>>): string =>
  saw
    .replace(/^[a-z]+(?:_[a-z]+)+(?=:|$)/, (code) => reasons[code]?.title ?? code)
    .replace(/ \(api_\w+\)$/, '')
    .replaceAll(/\b(?:usr|org)_\w+/g, (id) => names[id] ?? id)
