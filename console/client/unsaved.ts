import { useLayoutEffect } from 'preact/hooks'
import { texts } from '../texts/en.ts'

/** What would be lost with the page: the question for each form or secret, null where leaving needs no question. */
const kept = new Map<symbol, string | null>()

/**
 * While there is input that is not saved, or something else that would be lost, the page asks before it is left, and stays when another
 * tab signs out.
 *
 * @param question null: leaving the screen is not asked about, since what is lost is soon typed again
 */
export const useUnsaved = (isUnsaved: boolean, question: string | null = texts.parts.unsaved): void =>
  // Before the next frame: what a form sends may be answered sooner.
  useLayoutEffect(() => {
    if (!isUnsaved) return
    const mark = Symbol()
    kept.set(mark, question)
    return () => void kept.delete(mark)
  }, [isUnsaved, question])

export const wouldLoseInput = (): boolean => kept.size > 0

/** The question of what was typed or shown last; undefined if there is nothing to ask. */
export const questionBeforeLeaving = (): string | undefined =>
  [...kept.values()].findLast((question) => question !== null) ?? undefined

/** What the page has is saved, or is given up. */
export const giveUpInput = (): void => kept.clear()
