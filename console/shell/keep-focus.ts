const ancestors = (element: Element): readonly Element[] =>
  element.parentElement === null ? [element] : [element, ...ancestors(element.parentElement)]

/**
 * When the focused element goes, such as a row that was deleted, the browser drops the focus, and the keyboard would start again at the
 * top of the page. It goes to the heading of the part that the element was in instead, or of the screen if the whole page changed.
 */
export const startKeepFocus = (): void => {
  let path: readonly Element[] = []
  document.addEventListener('focusin', ({ target }) => {
    path = target instanceof Element ? ancestors(target) : []
  })
  new MutationObserver(() => {
    if (path[0] === undefined || path[0].isConnected || document.activeElement !== document.body) return
    const part = path.find((element) => element.isConnected)?.closest('dialog, section, main')
    const heading = (part ?? document.querySelector('main'))?.querySelector<HTMLElement>('h1, h2')
    // A screen that is still loading gets its heading with a later change.
    if (heading === null || heading === undefined) return
    path = []
    heading.tabIndex = -1
    heading.focus({ preventScroll: true })
  }).observe(document.body, { childList: true, subtree: true })
}
