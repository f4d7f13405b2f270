type Attributes = Readonly<Record<string, string | boolean>>

/** An element with these attributes; texts stay texts. `false` leaves an attribute out. */
export const element = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] => {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes))
    if (value !== false) made.setAttribute(attribute, value === true ? '' : value)
  made.append(...children)
  return made
}

/** Read out by screen readers; not seen. */
const spoken = element('p', { class: 'unseen', role: 'status' })
document.body.append(spoken)

export const say = (text: string): void => {
  spoken.textContent = text
}
