import { element, say } from './element.ts'

const shownMilliseconds = 2000

/** A button in the corner of a sample. Browsers give the clipboard to safe origins only: https, and this machine. */
export const addCopyButton = (sample: Element): void => {
  const shown = sample.querySelector('pre')
  if (shown === null || !window.isSecureContext) return
  const label = shown.getAttribute('aria-label') ?? ''
  const button = element('button', { type: 'button', class: 'copy', 'aria-label': `Copy: ${label}` }, 'Copy')
  button.addEventListener('click', async () => {
    const isCopied = await navigator.clipboard.writeText(shown.textContent).then(
      () => true,
      () => false,
    )
    button.textContent = isCopied ? 'Copied' : 'Not copied'
    say(isCopied ? 'Copied to the clipboard' : 'The browser does not allow to copy')
    setTimeout(() => {
      button.textContent = 'Copy'
    }, shownMilliseconds)
  })
  sample.append(button)
}

export const copyButtons = (): void => {
  for (const sample of document.querySelectorAll('.sample')) addCopyButton(sample)
}
