import { makeStore, useStore } from '../client/store.ts'
import { texts } from '../texts/en.ts'
import { IconButton } from './button.tsx'
import { Icon } from './icon.tsx'

type Toast = { readonly id: number; readonly text: string }

const toasts = makeStore<readonly Toast[]>([])
let last = 0
const shownMilliseconds = 6000

/** Says that a deed is done. Never for failures or secrets, since it goes by itself. */
export const toast = (text: string): void => {
  last += 1
  const id = last
  toasts.set([...toasts.get(), { id, text }])
  setTimeout(() => drop(id), shownMilliseconds)
}

const drop = (id: number) => toasts.set(toasts.get().filter((shown) => shown.id !== id))

/** Always there, so that screen readers announce what is added to it. */
export const Toasts = () => (
  <div class="toasts" role="status">
    {useStore(toasts).map(({ id, text }) => (
      <div class="toast" key={id}>
        <Icon name="done" />
        <p>{text}</p>
        <IconButton icon="close" label={texts.parts.dismiss} onClick={() => drop(id)} />
      </div>
    ))}
  </div>
)
