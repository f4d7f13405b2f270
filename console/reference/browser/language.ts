const key = 'postern-reference-language'

/** Radio buttons at the top choose the language, by the style sheet alone. This keeps the choice for the next page. */
export const keptLanguage = (): void => {
  const choices = [...document.querySelectorAll<HTMLInputElement>('input[name=language]')]
  const kept = read()
  for (const choice of choices) {
    if (choice.id === kept) choice.checked = true
    choice.addEventListener('change', () => keep(choice.id))
  }
}

// A browser that blocks cookies throws at the mere access.
const read = (): string | null => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

const keep = (choice: string): void => {
  try {
    localStorage.setItem(key, choice)
  } catch {
    // The choice holds for this page.
  }
}
