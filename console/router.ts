import { useCallback } from 'preact/hooks'
import { makeStore, useStore } from './client/store.ts'

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

/** Asks before a place with unsaved input is left. Null = nothing to lose. */
let warning: string | null = null
export const warnBeforeLeaving = (text: string | null): void => {
  warning = text
}
const mayLeave = (): boolean => {
  if (warning !== null && !window.confirm(warning)) return false
  warning = null
  return true
}

/** Opens a place of the console. `replace` = the place before it is no step back. */
export const open = (href: string, { replace = false }: { readonly replace?: boolean } = {}): void => {
  const isElsewhere = placeOf(new URL(href, window.location.href)).path !== place.get().path
  if (isElsewhere && !mayLeave()) return
  window.history[replace ? 'replaceState' : 'pushState'](null, '', href)
  follow()
  if (isElsewhere) window.scrollTo(0, 0)
}

/** Makes links within the console open without a load of the page. */
export const startRouter = (): void => {
  follow()
  window.addEventListener('popstate', follow)
  window.addEventListener('beforeunload', (event) => {
    if (warning !== null) event.preventDefault()
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
