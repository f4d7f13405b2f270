import type { WordName } from '../table/schema.ts'
import { wordNames } from '../table/schema.ts'
import type { Member } from './member.ts'
import { shownIdentity } from './shown-identity.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { IdentityFields } from './user-fields.ts'

/** Of a search word, in code points. Longer words are cut, in users and in queries alike. */
export const longestWord = 64

/**
 * The form in which texts are compared: compatible and composed characters decomposed, without accents and other marks, without case.
 * Lower, upper and lower case again, so that `ẞ` is `ß` is `SS` is `ss`. The form of a text begins with the form of each of its beginnings, so the final sigma, which
 * depends on what follows, is a sigma.
 */
const folded = (text: string): string =>
  isAscii(text)
    ? text.toLowerCase()
    : text
        .normalize('NFKD')
        .toLowerCase()
        .toUpperCase()
        .toLowerCase()
        .normalize('NFKD')
        .replaceAll(/\p{M}/gu, '')
        .replaceAll('ς', 'σ')

/** Most texts are, and the first use of Unicode's classes in a pattern takes a millisecond of a start. */
const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length

const cut = (word: string): string => [...word].slice(0, longestWord).join('')

/** Between white space, the runs of letters and digits of each group. */
const groupsOf = (text: string): string[][] => {
  const form = folded(text)
  const between = isAscii(form) ? /[^a-z0-9]+/ : /[^\p{L}\p{N}]+/u
  return form
    .split(/\s+/)
    .map((group) => group.split(between).filter((part) => part !== ''))
    .filter((parts) => parts.length > 0)
}

/**
 * A word begins at each run of letters and digits and ends with the white space: of `O'Neil-Ray`, `oneilray`, `neilray` and `ray`. Joins no
 * more parts than a word can have, so that a text of a thousand parts costs no million steps.
 */
const wordsIn = (text: string): string[] =>
  groupsOf(text).flatMap((parts) =>
    parts.map((_part, from) => cut(parts.slice(from, from + longestWord).join(''))),
  )

/**
 * The words by which a user is found, at most six: the whole username and e-mail, the words of the names, then the rest of the words in
 * username and e-mail. docs/search.md states this rule.
 */
export const searchWords = ({
  username,
  email,
  firstName,
  lastName,
  name,
}: Pick<IdentityFields, 'username' | 'email' | 'firstName' | 'lastName' | 'name'>): string[] => {
  const [login = [], mail = []] = [wordsIn(username), wordsIn(email ?? '')]
  const names = [firstName, lastName, name].flatMap(wordsIn)
  const words = [...login.slice(0, 1), ...mail.slice(0, 1), ...names, ...login.slice(1), ...mail.slice(1)]
  return [...new Set(words)].slice(0, wordNames.length)
}

/** The words of a query; none if it has no letter and no digit. */
export const queryWords = (query: string): string[] => [
  ...new Set(groupsOf(query).map((parts) => cut(parts.join('')))),
]

/** Where a member is in an index of words: by word, then by username. A word has no blank, which sorts before all that it has. */
export const wordPosition = (word: string, { user }: Pick<Member, 'user'>): string =>
  `${word} ${user.canonicalUsername}`

type WordKeys = Pick<StoredMembership, WordName>

/** The attributes that list a member in the indexes of words; undefined for an index that does not have it. */
export const wordKeys = (member: Member): WordKeys => {
  const words = searchWords(shownIdentity(member))
  return Object.fromEntries(
    wordNames.map((name, index) => {
      const word = words[index]
      return [name, word === undefined ? undefined : wordPosition(word, member)]
    }),
  )
}
