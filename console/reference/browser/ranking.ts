/** One place that the search can find. */
export type Found = {
  readonly kind: 'endpoint' | 'guide' | 'error' | 'shape'
  readonly title: string
  /** Under the title: method and path, or the page. */
  readonly detail: string
  readonly url: string
  /** Lower case, each once, separated by spaces. */
  readonly words: string
}

const most = 20

const beginsWord = (text: string, term: string): boolean => {
  const at = text.indexOf(term)
  return at === 0 || (at > 0 && /[^\p{L}\p{N}]/u.test(text[at - 1] ?? ''))
}

/** Shapes come after what uses them. */
const rankOf = (place: Found, term: string): number => {
  const rank = rankOfTexts(place, term)
  return place.kind === 'shape' ? Math.min(rank, 1) : rank
}

const rankOfTexts = ({ title, detail, words }: Found, term: string): number => {
  const name = title.toLowerCase()
  const under = detail.toLowerCase()
  if (name === term) return 12
  if (beginsWord(name, term)) return 8
  if (beginsWord(under, term)) return 5
  if (name.includes(term) || under.includes(term)) return 3
  return ` ${words}`.includes(` ${term}`) ? 1 : 0
}

/** The places that have every term of the query: in the title first, then below it, then in the text. */
export const ranked = (places: readonly Found[], query: string): Found[] => {
  const terms = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (terms.length === 0) return []
  return places
    .map((place) => ({ place, ranks: terms.map((term) => rankOf(place, term)) }))
    .filter(({ ranks }) => ranks.every((rank) => rank > 0))
    .map(({ place, ranks }) => ({ place, rank: ranks.reduce((sum, rank) => sum + rank) }))
    .sort((one, other) => other.rank - one.rank)
    .slice(0, most)
    .map(({ place }) => place)
}
