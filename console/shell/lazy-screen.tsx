import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../parts/button.tsx'
import { Empty, Loading } from '../parts/states.tsx'
import type { Params } from '../router.ts'
import type { ScreenRow } from '../screens.ts'
import { texts } from '../texts/en.ts'

type Loaded = ComponentType<{ readonly params: Params }>

const loaded = new Map<ScreenRow, Loaded>()

/** Loads the chunk of a screen, once, and moves the focus to its title when the place changes. */
export const LazyScreen = ({ row, params }: { readonly row: ScreenRow; readonly params: Params }) => {
  const [, setRound] = useState(0)
  const [isMissing, setIsMissing] = useState(false)
  const isFirst = useRef(true)
  const Screen = loaded.get(row)

  useEffect(() => {
    if (loaded.has(row)) return
    let isWanted = true
    row.load().then(
      (chunk) => {
        loaded.set(row, chunk.Screen)
        if (isWanted) setRound((round) => round + 1)
      },
      // Offline, or the files of this version are gone after an update.
      () => isWanted && setIsMissing(true),
    )
    return () => {
      isWanted = false
    }
  }, [row])

  const key = JSON.stringify(params)
  useEffect(() => {
    if (Screen === undefined) return
    if (!isFirst.current) document.querySelector<HTMLElement>('main h1')?.focus()
    isFirst.current = false
  }, [Screen, row, key])

  if (isMissing)
    return (
      <Empty
        title={texts.shell.newVersionTitle}
        action={<Button onClick={() => window.location.reload()}>{texts.shell.reload}</Button>}
      >
        <p>{texts.shell.newVersion}</p>
      </Empty>
    )
  // The key starts the screen anew for another user, role, or API.
  return Screen === undefined ? <Loading /> : <Screen key={key} params={params} />
}
