/** Pixels below the top of the window. What begins above this line is being read. */
const line = 140

/** Marks the place of the contents that is being read, and keeps it in view. */
export const currentPlace = (): void => {
  const contents = document.querySelector('nav[aria-label=Contents]')
  if (contents === null) return
  const links = [...contents.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')]
  const places = links.flatMap((link) => {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)))
    return target === null ? [] : [{ link, target }]
  })
  let current: HTMLAnchorElement | undefined
  const mark = (): void => {
    const link = places[lastAbove(places.map(({ target }) => target))]?.link
    if (link === current) return
    current?.removeAttribute('aria-current')
    link?.setAttribute('aria-current', 'location')
    current = link
    if (link !== undefined && !contents.contains(document.activeElement)) bringIntoView(link, contents)
  }
  let isDue = false
  const later = (): void => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      mark()
    })
  }
  addEventListener('scroll', later, { passive: true })
  addEventListener('resize', later)
  mark()
}

/** Of elements in the order of the page. Measures as few of them as possible: each one costs a layout. */
const lastAbove = (targets: readonly Element[]): number => {
  let low = -1
  let high = targets.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    const top = targets[middle]?.getBoundingClientRect().top ?? 0
    if (top <= line) low = middle
    else high = middle
  }
  return low
}

const bringIntoView = (link: Element, contents: Element): void => {
  const here = link.getBoundingClientRect()
  const around = contents.getBoundingClientRect()
  if (here.top >= around.top && here.bottom <= around.bottom) return
  contents.scrollTop += here.top - around.top - around.height / 3
}
