import { addCopyButton } from './copy-buttons.ts'
import { element, say } from './element.ts'

/** Characters. Longer texts make the page slow. */
const longestShown = 200_000

const readable = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** Shows what came back, or that nothing did. */
export const showAnswer = async (
  place: HTMLElement,
  ask: () => Promise<Response>,
  startedAt: number,
): Promise<void> => {
  place.hidden = false
  try {
    const answer = await ask()
    const text = await answer.text()
    const line = `${answer.status} in ${Math.round(performance.now() - startedAt)} ms`
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
    place.replaceChildren(
      element('h4', {}, 'Answer ', element('span', { class: `status ${answer.ok ? 'good' : 'bad'}` }, line)),
      ...(text === '' ? [] : [sample('Body of the answer', readable(text).slice(0, longestShown))]),
      element('details', {}, element('summary', {}, 'Headers'), sample('Headers of the answer', headers)),
    )
    say(`Answer: ${line}`)
  } catch {
    place.replaceChildren(element('p', {}, 'No answer came. Is the service reachable?'))
    say('No answer came')
  }
}

const sample = (label: string, text: string): HTMLElement => {
  const made = element(
    'div',
    { class: 'sample' },
    element('pre', { tabindex: '0', role: 'group', 'aria-label': label }, element('code', {}, text)),
  )
  addCopyButton(made)
  return made
}
