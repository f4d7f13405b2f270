import { useEffect, useId, useState } from 'preact/hooks'
import { findUsers, nameOfUser } from '../client/find.ts'
import type { Named } from '../client/pasted-id.ts'
import { isSecret, namedBy, searchable } from '../client/pasted-id.ts'
import { holds } from '../client/rights.ts'
import type { Me } from '../client/session.ts'
import { makeStore, useStore } from '../client/store.ts'
import { Dialog } from '../parts/dialog.tsx'
import { hrefOf, open, useClosedByStep } from '../router.ts'
import { mayOpen, screenAt, screens } from '../screens.ts'
import { texts } from '../texts/en.ts'

type Entry = { readonly key: string; readonly text: string; readonly kind: string; readonly href: string }

const isOpen = makeStore(false)
export const openPalette = () => isOpen.set(true)

/** Opens with ⌘K or Ctrl K. */
export const startPalette = (): void => {
  document.addEventListener('keydown', (event) => {
    const isShortcut = event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey) && !event.altKey
    // Not above another window, which asks something.
    if (!isShortcut || event.shiftKey || document.querySelector('dialog[open]') !== null) return
    event.preventDefault()
    openPalette()
  })
}

export const Palette = ({ me }: { readonly me: Me }) =>
  useStore(isOpen) ? <PaletteWindow me={me} onClose={() => isOpen.set(false)} /> : null

const waitMilliseconds = 150
const mostUsers = 8

/** Users whom the text finds; none for less than two characters or without the right. */
const useFoundUsers = (me: Me, text: string, named: Named | null): readonly Entry[] => {
  const [found, setFound] = useState<readonly Entry[]>([])
  const maySee = holds(me, { section: 'postern-users', level: 'read' })
  useEffect(() => {
    setFound([])
    if (!maySee || text.length < 2) return
    const abort = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const users = await findUsers(text, mostUsers, abort.signal)
        setFound(
          users.map((user) => ({
            key: user.userId,
            text: nameOfUser(user),
            kind: named === null ? texts.palette.user : texts.palette.named.credential.kind,
            href: hrefOf(`/users/${user.userId}`, named?.query),
          })),
        )
      } catch {
        // The screens stay offered. The search of users says what is wrong.
      }
    }, waitMilliseconds)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [text, maySee])
  return found
}

const entryOf = ({ what, path, query }: Named): Entry => ({
  key: 'named',
  ...texts.palette.named[what],
  href: hrefOf(path, query),
})

const PaletteWindow = ({ me, onClose }: { readonly me: Me; readonly onClose: () => void }) => {
  const id = useId()
  useClosedByStep(onClose)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const wanted = text.trim().toLowerCase()
  const named = namedBy(text.trim())
  const isKeyId = named?.what === 'credential'
  // In the case of the letters as typed, by which base64 is known.
  const isHidden = isSecret(text)
  const users = useFoundUsers(me, (named === null && !isHidden) || isKeyId ? wanted : '', named)
  const places: readonly Entry[] = screens
    .filter((row) => row.menu !== undefined && mayOpen(me, row))
    .map((row) => ({ key: row.path, text: row.title, kind: texts.palette.screen, href: hrefOf(row.path) }))
  const deeds: readonly Entry[] = holds(me, { section: 'postern-users', level: 'write' })
    ? [
        {
          key: 'add',
          text: texts.users.add,
          kind: texts.palette.deed,
          href: hrefOf('/users', { add: 'user' }),
        },
      ]
    : []
  const screen = named === null ? null : screenAt(named.path)
  const entries = [
    ...(named !== null && users.length === 0 && screen !== null && mayOpen(me, screen.row)
      ? [entryOf(named)]
      : []),
    ...[...places, ...deeds].filter((entry) => entry.text.toLowerCase().includes(wanted)),
    ...users,
  ]
  const chosen = Math.min(at, entries.length - 1)

  const go = (entry: Entry | undefined) => {
    if (entry === undefined) return
    onClose()
    open(entry.href)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt((chosen + 1) % Math.max(entries.length, 1))
    else if (event.key === 'ArrowUp') setAt((chosen - 1 + entries.length) % Math.max(entries.length, 1))
    else if (event.key === 'Enter') go(entries[chosen])
    else return
    event.preventDefault()
  }
  useEffect(() => {
    document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' })
  }, [chosen])

  return (
    <Dialog title={texts.palette.title} onClose={onClose}>
      <div class="palette">
        <input
          type="text"
          role="combobox"
          class="search"
          aria-label={texts.palette.label}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={entries.length === 0 ? undefined : `${id}-${chosen}`}
          aria-autocomplete="list"
          autoComplete="off"
          spellcheck={false}
          placeholder={texts.palette.placeholder}
          value={text}
          autoFocus
          onInput={({ currentTarget: { value } }) => {
            setText(searchable(value) ?? value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
        <div id={`${id}-list`} role="listbox" aria-label={texts.palette.results} tabIndex={-1}>
          {entries.map((entry, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys work in the field, which keeps the focus.
            <div
              key={entry.key}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              onClick={() => go(entry)}
              onPointerMove={() => setAt(index)}
            >
              <span>{entry.text}</span>
              <span class="muted">{entry.kind}</span>
            </div>
          ))}
        </div>
        {entries.length === 0 ? (
          <p class="muted">{isHidden ? texts.parts.secretSearched : texts.palette.nothing}</p>
        ) : null}
      </div>
    </Dialog>
  )
}
