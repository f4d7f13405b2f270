import { useEffect, useRef } from 'preact/hooks'
import { hrefOf, usePlace } from '../router.ts'

/** Parts of one page, each with its own address (`?tab=…`); the first has none. */
export const Tabs = <T extends string>({
  label,
  tabs,
}: {
  readonly label: string
  readonly tabs: readonly { readonly name: T; readonly text: string }[]
}) => {
  const { path } = usePlace()
  const current = useTab(tabs.map(({ name }) => name))
  const bar = useRef<HTMLElement>(null)
  // On a narrow screen, the tab of the address may be beyond the edge.
  useEffect(() => {
    const tab = bar.current?.querySelector<HTMLElement>('[aria-current]')
    if (tab) bar.current?.scrollTo({ left: tab.offsetLeft - bar.current.offsetLeft })
  }, [current])
  return (
    <nav class="tabs" aria-label={label} ref={bar}>
      {tabs.map(({ name, text }, index) => (
        <a
          key={name}
          href={hrefOf(path, index === 0 ? {} : { tab: name })}
          aria-current={name === current ? 'page' : undefined}
        >
          {text}
        </a>
      ))}
    </nav>
  )
}

/** The tab of the address; the first if it names none of them. */
export const useTab = <T extends string>(names: readonly T[]): T | undefined => {
  const { query } = usePlace()
  return names.find((name) => name === query['tab']) ?? names[0]
}
