/** Somebody who only types and reads makes no calls; after this time without a touch, nobody counts as here. In milliseconds. */
export const presenceMilliseconds = 5 * 60_000

let touchedAt = Date.now()

/** Listens for pointer and keys. Returns what stops it. */
export const watchPresence = (onTouch: (at: number) => void): (() => void) => {
  const onEvent = () => {
    touchedAt = Date.now()
    onTouch(touchedAt)
  }
  const kinds = ['pointerdown', 'keydown'] as const
  for (const kind of kinds) document.addEventListener(kind, onEvent, { passive: true })
  return () => {
    for (const kind of kinds) document.removeEventListener(kind, onEvent)
  }
}

/** What repeats a call stops when nobody is here: each renewed token would keep the session alive. */
export const isSomebodyHere = (): boolean =>
  document.visibilityState === 'visible' && Date.now() - touchedAt < presenceMilliseconds
