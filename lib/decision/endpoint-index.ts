import type { EndpointPattern } from './endpoint-pattern.ts'

/** Memory of one pattern with its place in an index, in bytes, at most. `npm run bench` measures a full cache. */
export const bytesOfPattern = 900

/** The entries whose patterns match a request, in the order of the list. @param segments the path from `readRequestPath`. */
type EndpointIndex<T> = (method: string, segments: readonly string[]) => readonly T[]

type Ordered<T> = { readonly order: number; readonly method: string; readonly entry: T }

/** The patterns that begin with the same segments. */
type Node<T> = {
  literals?: Map<string, Node<T>>
  template?: Node<T>
  /** Patterns that end here, */
  ends?: Ordered<T>[]
  /** and those that go on with a last `*`. */
  open?: Ordered<T>[]
}

/**
 * A tree of patterns by segments. It finds what a search with `matchesPattern` through the whole list finds, in time that depends on the
 * path and on the matches and not on the length of the list.
 */
export const indexEndpoints = <T>(
  entries: readonly T[],
  patternOf: (entry: T) => EndpointPattern,
): EndpointIndex<T> => {
  const root: Node<T> = {}
  for (const [order, entry] of entries.entries()) {
    const { method, segments } = patternOf(entry)
    const isOpen = segments.at(-1) === '*'
    const node = (isOpen ? segments.slice(0, -1) : segments).reduce(childOf<T>, root)
    const kind = isOpen ? 'open' : 'ends'
    const here = node[kind] ?? []
    here.push({ order, method, entry })
    node[kind] = here
  }
  return (method, segments) => {
    const found: Ordered<T>[] = []
    const take = (here: readonly Ordered<T>[] = []): void => {
      for (const one of here) if (one.method === '*' || one.method === method) found.push(one)
    }
    const search = (node: Node<T>, depth: number): void => {
      const segment = segments[depth]
      if (segment === undefined) {
        take(node.ends)
        return
      }
      const literal = node.literals?.get(segment)
      if (literal !== undefined) search(literal, depth + 1)
      // Neither a template nor a last `*` matches an empty segment.
      if (segment === '') return
      if (node.template !== undefined) search(node.template, depth + 1)
      take(node.open)
    }
    search(root, 0)
    return found.sort((one, other) => one.order - other.order).map(({ entry }) => entry)
  }
}

const childOf = <T>(node: Node<T>, segment: string): Node<T> => {
  const isTemplate = segment.startsWith('{')
  const child = (isTemplate ? node.template : node.literals?.get(segment)) ?? {}
  if (isTemplate) node.template = child
  else node.literals = (node.literals ?? new Map<string, Node<T>>()).set(segment, child)
  return child
}
