import { element } from './element.ts'
import type { Found } from './ranking.ts'
import { ranked } from './ranking.ts'

const kinds: Readonly<Record<Found['kind'], string>> = {
  endpoint: 'Endpoint',
  guide: 'Guide',
  error: 'Error',
  shape: 'Shape',
}

/** Search over endpoints, guides, errors and shapes. The list is fetched when somebody begins to search. */
export const search = (): void => {
  const box = document.querySelector('search')
  const input = document.querySelector<HTMLInputElement>('#search')
  const found = document.querySelector<HTMLElement>('#found')
  const status = found?.querySelector('p')
  const list = found?.querySelector('ul')
  if (box === null || input === null || found === null || !status || !list) return
  box.hidden = false

  let places: Promise<readonly Found[]> | undefined
  const load = () => {
    places ??= fetch(input.dataset['index'] ?? '', { credentials: 'omit' }).then((answer) => answer.json())
    places.catch(() => {
      places = undefined
    })
    return places
  }
  const links = () => [...list.querySelectorAll('a')]
  const close = () => {
    found.hidden = true
  }
  const show = async (): Promise<void> => {
    const query = input.value.trim()
    if (query === '') return close()
    try {
      const hits = ranked(await load(), query)
      if (input.value.trim() !== query) return
      list.replaceChildren(...hits.map(row))
      status.textContent = hits.length === 0 ? `Nothing has “${query}”.` : `${hits.length} found`
    } catch {
      list.replaceChildren()
      status.textContent = 'The search did not load. Are you offline?'
    }
    found.hidden = false
  }

  input.addEventListener('focus', () => {
    void load().catch(() => undefined)
    if (input.value !== '') void show()
  })
  input.addEventListener('input', () => void show())
  list.addEventListener('click', close)
  document.addEventListener('pointerdown', ({ target }) => {
    if (target instanceof Node && !box.contains(target)) close()
  })
  box.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !box.contains(relatedTarget)) close()
  })
  box.addEventListener('keydown', (event) => {
    const rows = links()
    const at = rows.findIndex((link) => link.matches(':focus'))
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key]
    if (event.key === 'Escape') {
      input.value = ''
      close()
      input.focus()
    } else if (event.key === 'Enter' && at === -1) rows[0]?.click()
    else if (to !== undefined && rows.length > 0) {
      if (to < 0) input.focus()
      else rows[Math.min(to, rows.length - 1)]?.focus()
    } else return
    event.preventDefault()
  })
  document.addEventListener('keydown', (event) => {
    const isTyping =
      event.target instanceof Element && event.target.closest('input, textarea, select') !== null
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    input.focus()
  })
}

const row = ({ kind, title, detail, url }: Found): HTMLElement =>
  element(
    'li',
    {},
    element(
      'a',
      { href: url },
      element('span', { class: 'kind' }, kinds[kind]),
      element('span', {}, title),
      element('small', {}, detail),
    ),
  )
