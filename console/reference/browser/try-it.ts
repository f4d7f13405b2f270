import type { OpenApiDocument, Operation, Parameter } from '../../../lib/reference/openapi/document.ts'
import { showAnswer } from './answer.ts'
import { element, say } from './element.ts'

type Call = { readonly method: string; readonly path: string; readonly operation: Operation }

/** What the reader typed, for the next form. In memory only: it is gone with the page. */
const typed = new Map<string, string>()

/** Next to each example a button that opens a form, which sends the call to this deployment with the reader's own credential. */
export const tryButtons = (): void => {
  for (const article of document.querySelectorAll<HTMLElement>('article[data-try]')) {
    const title = article.querySelector('h3')?.textContent ?? ''
    const examples = article.querySelector('.examples')
    if (examples === null) continue
    const button = element(
      'button',
      { type: 'button', class: 'try', 'aria-expanded': 'false', 'aria-label': `Try it: ${title}` },
      'Try it',
    )
    let form: HTMLFormElement | undefined
    button.addEventListener('click', async () => {
      form ??= await formOf(article.id, title)
      if (!form.isConnected) button.after(form)
      else form.hidden = !form.hidden
      button.setAttribute('aria-expanded', String(!form.hidden))
      if (!form.hidden) form.querySelector<HTMLElement>('input, textarea, select, button')?.focus()
    })
    examples.querySelector('h4')?.after(button)
  }
}

let loading: Promise<OpenApiDocument> | undefined
const contract = (): Promise<OpenApiDocument> => {
  loading ??= fetch('/openapi.json', { credentials: 'omit' }).then((answer) => answer.json())
  loading.catch(() => {
    loading = undefined
  })
  return loading
}

const callNamed = ({ paths }: OpenApiDocument, operationId: string): Call | undefined =>
  Object.entries(paths)
    .flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
    )
    .find(({ operation }) => operation.operationId === operationId)

const parametersOf = ({ components }: OpenApiDocument, { parameters = [] }: Operation): Parameter[] =>
  parameters.flatMap((parameter) =>
    '$ref' in parameter ? (components.parameters[parameter.$ref.split('/').at(-1) ?? ''] ?? []) : parameter,
  )

const formOf = async (operationId: string, title: string): Promise<HTMLFormElement> => {
  const form = element('form', { class: 'trial', 'aria-label': `Try it: ${title}`, autocomplete: 'off' })
  try {
    const openapi = await contract()
    const call = callNamed(openapi, operationId)
    if (call === undefined) throw new Error(operationId)
    fill(form, call, parametersOf(openapi, call.operation))
  } catch {
    form.append(element('p', {}, 'The description of the API did not load. Reload the page to try again.'))
  }
  return form
}

const fill = (form: HTMLFormElement, call: Call, parameters: readonly Parameter[]): void => {
  const { method, operation } = call
  const dryRun = parameters.find(({ name }) => name === 'dryRun')
  const others = parameters.filter((parameter) => parameter !== dryRun)
  const needed = others.filter(({ required }) => required)
  const optional = others.filter(({ required }) => !required)
  const answer = element('div', { class: 'answer', hidden: true })
  form.append(
    ...(operation.security.length === 0 ? [] : [credentialField(form.ariaLabel ?? '')]),
    ...needed.map(field),
    ...bodyField(operation),
    ...(optional.length === 0
      ? []
      : [
          element(
            'details',
            {},
            element('summary', {}, `Optional (${optional.length})`),
            ...optional.map(field),
          ),
        ]),
    ...(dryRun === undefined ? [] : [dryRunField()]),
    ...(method === 'get' || dryRun !== undefined
      ? []
      : [element('p', { class: 'quiet' }, 'There is no dry run of this call: it is made for real.')]),
    element('button', { type: 'submit', class: 'send' }, 'Send'),
    answer,
  )
  for (const input of inputs(form)) input.addEventListener('change', () => typed.set(input.name, input.value))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send(form, call, parameters, answer)
  })
}

type Input = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement
const inputs = (form: HTMLFormElement): Input[] => [
  ...form.querySelectorAll<Input>('input:not([type=checkbox]), textarea, select'),
]

const labelled = (label: string, input: HTMLElement, hint?: string): HTMLElement =>
  element(
    'label',
    {},
    element('span', {}, label),
    input,
    ...(hint === undefined ? [] : [element('small', {}, hint)]),
  )

const credentialField = (form: string): HTMLElement => {
  const input = element('input', {
    type: 'password',
    name: 'credential',
    required: true,
    autocomplete: 'off',
    spellcheck: 'false',
    'data-form': form,
  })
  input.value = typed.get('credential') ?? ''
  return labelled(
    'Your credential',
    input,
    'A token, a session token, or keyId:secret. Only this page keeps it, until you leave.',
  )
}

const field = ({ name, in: place, required, schema, example }: Parameter): HTMLElement => {
  const { enum: choices, type } = schema
  const values = type === 'boolean' ? ['true', 'false'] : choices
  const input =
    values === undefined
      ? element('input', {
          name: `${place} ${name}`,
          required,
          spellcheck: 'false',
          placeholder: String(example ?? ''),
        })
      : element(
          'select',
          { name: `${place} ${name}`, required },
          element('option', { value: '' }, ''),
          ...values.map((value) => element('option', {}, String(value))),
        )
  input.value = typed.get(input.name) ?? ''
  const where = { path: 'in the path', query: 'in the query', header: 'a header' }[place]
  return labelled(`${name} (${where})`, input)
}

const dryRunField = (): HTMLElement => {
  const box = element('input', { type: 'checkbox', name: 'dryRun' })
  box.checked = true
  return element(
    'label',
    { class: 'switch' },
    box,
    element('span', {}, 'Dry run: say what would happen, and change nothing'),
  )
}

const bodyField = ({ requestBody }: Operation): HTMLElement[] => {
  const [entry] = Object.entries(requestBody?.content ?? {})
  if (entry === undefined) return []
  const [mediaType, { example }] = entry
  const isForm = mediaType === 'application/x-www-form-urlencoded'
  const text = isForm
    ? Object.entries(example ?? {})
        .map(([name, value]) => `${name}=${value}`)
        .join('\n')
    : JSON.stringify(example ?? {}, null, 2)
  const input = element('textarea', {
    name: 'body',
    rows: String(Math.min(16, text.split('\n').length + 1)),
    spellcheck: 'false',
    'data-type': mediaType,
  })
  input.value = text
  return [labelled(isForm ? 'Body (a form: one name=value in a line)' : 'Body (JSON)', input)]
}

/** Base64 of UTF-8 (RFC 7617). */
const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)))

/** As the reader has it: with its scheme, as a pair, or bare. */
const authorizationOf = (credential: string): string => {
  const given = credential.trim()
  if (/^(?:bearer|basic) /i.test(given)) return given
  return given.includes(':') ? `Basic ${base64(given)}` : `Bearer ${given}`
}

const bodyOf = (input: HTMLTextAreaElement | null): string | undefined => {
  if (input === null) return undefined
  if (input.dataset['type'] === 'application/json') return input.value
  const pairs = input.value.split('\n').filter((line) => line.includes('='))
  return new URLSearchParams(
    pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  ).toString()
}

const send = async (
  form: HTMLFormElement,
  { method, path, operation }: Call,
  parameters: readonly Parameter[],
  answer: HTMLElement,
): Promise<void> => {
  const given = new Map(inputs(form).map(({ name, value }) => [name, value]))
  typed.set('credential', given.get('credential') ?? '')
  const at = (place: string, name: string) => given.get(`${place} ${name}`) ?? ''
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at('path', name)))
  const url = new URL(filled, location.origin)
  const headers = new Headers({ Accept: 'application/json' })
  for (const { name, in: place } of parameters) {
    if (place === 'query' && at(place, name) !== '') url.searchParams.set(name, at(place, name))
    if (place === 'header' && at(place, name) !== '') headers.set(name, at(place, name))
  }
  if (form.querySelector<HTMLInputElement>('[name=dryRun]')?.checked) url.searchParams.set('dryRun', 'true')
  const body = form.querySelector<HTMLTextAreaElement>('[name=body]')
  if (body !== null) headers.set('Content-Type', body.dataset['type'] ?? '')
  if (operation.security.length > 0)
    headers.set('Authorization', authorizationOf(given.get('credential') ?? ''))
  say('Sent')
  const startedAt = performance.now()
  // Without cookies: what happens here is what happens to a program with this credential.
  const init = {
    method: method.toUpperCase(),
    headers,
    body: bodyOf(body) ?? null,
    credentials: 'omit',
  } as const
  await showAnswer(answer, () => fetch(url, init), startedAt)
}
