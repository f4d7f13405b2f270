import { useCallback, useLayoutEffect } from 'preact/hooks'
import { makeStore, useStore } from './client/store.ts'
import { giveUpInput, questionBeforeLeaving } from './client/unsaved.ts'

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

/** Close what stands above every screen. */
const closers = new Set<() => void>()
/** Windows that no step closes. */
const fixtures = new Set<symbol>()

/** Another screen, another tab of the same one, or without the window that the address has opened: there are other forms. */
const isElsewhere = (there: Place): boolean => {
  const { path, query } = place.get()
  return (
    there.path !== path || ['tab', 'add', 'organization'].some((name) => there.query[name] !== query[name])
  )
}

const mayLeave = (): boolean => {
  const question = questionBeforeLeaving()
  if (question === undefined) return true
  if (!window.confirm(question)) return false
  giveUpInput()
  return true
}

type OpenOptions = {
  /** The place before it is no step back. */
  readonly replace?: boolean
  /** Nothing is lost: what the page's forms have was saved just now, or is given up. */
  readonly isSaved?: boolean
}

/** Opens a place of the console. */
export const open = (href: string, { replace = false, isSaved = false }: OpenOptions = {}): void => {
  const there = placeOf(new URL(href, window.location.href))
  if (isSaved) giveUpInput()
  if (isElsewhere(there) && !mayLeave()) return
  const isOtherScreen = there.path !== place.get().path
  window.history[replace ? 'replaceState' : 'pushState'](null, '', href)
  follow()
  if (isOtherScreen) window.scrollTo(0, 0)
}

/** A step back or forward, which the browser has made already: it is undone if somebody stays. */
const step = (): void => {
  const { path, query } = place.get()
  const losesInput = closers.size > 0 || isElsewhere(placeOf(window.location))
  if (fixtures.size > 0 || (losesInput && !mayLeave())) {
    window.history.pushState(null, '', hrefOf(path, query))
    return
  }
  for (const close of closers) close()
  follow()
}

/** Makes links within the console open without a load of the page. */
export const startRouter = (): void => {
  follow()
  window.addEventListener('popstate', step)
  window.addEventListener('beforeunload', (event) => {
    if (questionBeforeLeaving() !== undefined) event.preventDefault()
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

/** A step back or forward closes what stands above every screen, and is in no address. */
export const useClosedByStep = (close: () => void): void =>
  // As long as the window shows, to the frame: a step may come at once.
  useLayoutEffect(() => {
    closers.add(close)
    return () => void closers.delete(close)
  })

/** A step back or forward changes nothing while a window is open that only its own buttons close. */
export const useNoSteps = (): void =>
  useLayoutEffect(() => {
    const mark = Symbol()
    fixtures.add(mark)
    return () => void fixtures.delete(mark)
  }, [])

export const usePlace = (): Place => useStore(place)

/** The query of the place, and a function that changes some of it; an empty text removes a parameter. */
export const useQuery = (): readonly [
  Place['query'],
  (change: Readonly<Record<string, string>>, options?: OpenOptions) => void,
] => {
  const { path, query } = usePlace()
  const change = useCallback(
    (values: Readonly<Record<string, string>>, options?: OpenOptions) => {
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
