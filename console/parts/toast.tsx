import type { ComponentChildren } from 'preact'
import { makeStore, useStore } from '../client/store.ts'
import { texts } from '../texts/en.ts'
import { IconButton } from './button.tsx'
import { Icon } from './icon.tsx'

type Toast = { readonly id: number; readonly content: ComponentChildren }

const toasts = makeStore<readonly Toast[]>([])
let last = 0
const shownMilliseconds = 6000

/**
 * Says that a deed is done. Never for failures or secrets, since it goes by itself.
 *
 * @param named a name in the text, whose direction does not change that of the sentence
 */
export const toast = (
  ...[text, name]: [text: string] | [textOf: (name: string) => string, named: string]
): void => {
  last += 1
  const id = last
  const content = typeof text === 'string' ? text : isolated(text, name ?? '')
  toasts.set([...toasts.get(), { id, content }])
  setTimeout(() => drop(id), shownMilliseconds)
}

/** No name contains it. */
const placeholder = '\u{fffc}'

const isolated = (textOf: (name: string) => string, name: string): ComponentChildren => {
  const [before, after] = textOf(placeholder).split(placeholder)
  return (
    <>
      {before}
      <bdi>{name}</bdi>
      {after}
    </>
  )
}

const drop = (id: number) => toasts.set(toasts.get().filter((shown) => shown.id !== id))

/** Always there, so that screen readers announce what is added to it. */
export const Toasts = () => (
  <div class="toasts" role="status">
    {useStore(toasts).map(({ id, content }) => (
      <div class="toast" key={id}>
        <Icon name="done" />
        <p>{content}</p>
        <IconButton icon="close" label={texts.parts.dismiss} onClick={() => drop(id)} />
      </div>
    ))}
  </div>
)
