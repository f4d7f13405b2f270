import { useCallback, useEffect } from 'preact/hooks'
import { makeStore, useStore } from './client/store.ts'
import { texts } from './texts/en.ts'

/** The place in the console: the browser's address, without `/console`. */
export type Place = { readonly path: string; readonly query: Readonly<Record<string, string>> }

/** The values of a pattern's parameters. */
export type Params = Readonly<Record<string, string>>

const base = '/console'

export const placeOf = ({ pathname, search }: Pick<Location, 'pathname' | 'search'>): Place => ({
  path: pathname.replace(/^\/console(?=\/|$)/, '').replace(/(?<=.)\/+$/, '') || '/',
  query: Object.fromEntries(new URLSearchParams(search)),
})

export const hrefOf = (path: string, query: Readonly<Record<string, string>> = {}): string => {
  const given = Object.entries(query).filter(([, value]) => value !== '')
  const text = new URLSearchParams(given).toString()
  return `${base}${path === '/' ? '' : path}${text === '' ? '' : `?${text}`}`
}

const place = makeStore<Place>({ path: '/', query: {} })
const follow = () => place.set(placeOf(window.location))

/** One mark for each form on the page whose input is not saved. */
const unsaved = new Set<symbol>()

/** While a form has input that is not saved, the page asks before it is left. */
export const useUnsaved = (isUnsaved: boolean): void =>
  useEffect(() => {
    if (!isUnsaved) return
    const mark = Symbol()
    unsaved.add(mark)
    return () => void unsaved.delete(mark)
  }, [isUnsaved])

/** Another screen, or another tab of the same one, which shows other forms. */
const isElsewhere = (there: Place): boolean => {
  const { path, query } = place.get()
  return there.path !== path || there.query['tab'] !== query['tab']
}

const mayLeaveFor = (there: Place): boolean => {
  if (unsaved.size === 0 || !isElsewhere(there)) return true
  if (!window.confirm(texts.parts.unsaved)) return false
  unsaved.clear()
  return true
}

/**
 * Opens a place of the console.
 *
 * @param options.replace the place before it is no step back
 * @param options.isSaved what the page's forms have was saved just now
 */
export const open = (
  href: string,
  { replace = false, isSaved = false }: { readonly replace?: boolean; readonly isSaved?: boolean } = {},
): void => {
  const there = placeOf(new URL(href, window.location.href))
  if (isSaved) unsaved.clear()
  if (!mayLeaveFor(there)) return
  const isOtherScreen = there.path !== place.get().path
  window.history[replace ? 'replaceState' : 'pushState'](null, '', href)
  follow()
  if (isOtherScreen) window.scrollTo(0, 0)
}

/** A step back or forward, which the browser has made already: it is undone if somebody stays. */
const step = (): void => {
  const { path, query } = place.get()
  if (mayLeaveFor(placeOf(window.location))) follow()
  else window.history.pushState(null, '', hrefOf(path, query))
}

/** Makes links within the console open without a load of the page. */
export const startRouter = (): void => {
  follow()
  window.addEventListener('popstate', step)
  window.addEventListener('beforeunload', (event) => {
    if (unsaved.size > 0) event.preventDefault()
  })
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
    if (link === null || !isPlain || event.defaultPrevented) return
    if (link.target !== '' || link.hasAttribute('download') || link.origin !== window.location.origin) return
    if (!/^\/console(?:\/|$)/.test(link.pathname) || link.hash !== '') return
    event.preventDefault()
    open(link.href)
  })
}

export const usePlace = (): Place => useStore(place)

/** The query of the place, and a function that changes some of it; an empty text removes a parameter. */
export const useQuery = (): readonly [
  Place['query'],
  (change: Readonly<Record<string, string>>, options?: { readonly replace?: boolean }) => void,
] => {
  const { path, query } = usePlace()
  const change = useCallback(
    (values: Readonly<Record<string, string>>, options?: { readonly replace?: boolean }) => {
      const now = place.get()
      open(hrefOf(now.path, { ...now.query, ...values }), options)
    },
    [path],
  )
  return [query, change]
}

/** The parameters of a pattern such as `/users/:userId`, or null if the path does not match it. */
export const matched = (pattern: string, path: string): Params | null => {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = decoded(given[index] ?? '')
    if (part.startsWith(':') && text !== '') params[part.slice(1)] = text
    else if (part !== text) return null
  }
  return params
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
