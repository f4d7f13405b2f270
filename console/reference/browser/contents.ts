/** The contents are open where they have a column of their own, and behind their button elsewhere. */
export const openContents = (): void => {
  const details = document.querySelector('nav details')
  if (!(details instanceof HTMLDetailsElement)) return
  const isWide = matchMedia('(min-width: 64rem)')
  const adapt = (): void => {
    details.open = isWide.matches
  }
  isWide.addEventListener('change', adapt)
  // A link was chosen, and its place is below the contents.
  details.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('a') !== null) adapt()
  })
  adapt()
}
