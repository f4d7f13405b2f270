import type { JsonSchema } from '../openapi/document.ts'
import type { Markup } from './markup.ts'
import { html, joined, nothing, prose } from './markup.ts'

export type Field = {
  readonly name: string
  readonly schema: JsonSchema
  readonly required: boolean
  readonly note?: string
}

type Subschema = JsonSchema | boolean

const own = (schema: Subschema | undefined): JsonSchema => (typeof schema === 'object' ? schema : {})

/** The schema with its reference resolved. */
export const resolved = (
  schema: JsonSchema,
  components: Readonly<Record<string, JsonSchema>>,
): JsonSchema => {
  const name = componentName(schema)
  return name === undefined ? schema : (components[name] ?? {})
}

const componentName = (schema: JsonSchema): string | undefined =>
  schema.$ref?.replace('#/components/schemas/', '')

export const fieldsOf = (schema: JsonSchema): Field[] =>
  Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    schema: own(property),
    required: schema.required?.includes(name) ?? false,
  }))

/** @param direction 'out': answers have every field except the marked ones. */
export const fieldTable = (caption: string, fields: readonly Field[], direction: 'in' | 'out'): Markup => {
  if (fields.length === 0) return nothing
  return html`<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">What it is</th></tr></thead>
<tbody>${fields.map((field) => fieldRow(field, direction))}</tbody>
</table>`
}

const fieldRow = (field: Field, direction: 'in' | 'out'): Markup => {
  const mark =
    direction === 'in'
      ? field.required && html`<span class="mark">required</span>`
      : !field.required && html`<span class="mark">not always</span>`
  const about = [descriptionOf(field.schema), field.note].filter((text) => text !== undefined)
  const limits = limitsOf(field.schema)
  return html`<tr><th scope="row"><code>${field.name}</code>${mark || nothing}</th><td>${typeOf(field.schema)}</td>
<td>${about.map((text) => html`<p>${prose(text)}</p>`)}${limits.length === 0 ? nothing : html`<p class="limits">${joined(limits, ' · ')}</p>`}</td></tr>`
}

/** For a nullable field, the alternative that is not null, which has the details. */
const meant = (schema: JsonSchema): JsonSchema => {
  const others = (schema.anyOf ?? []).filter(({ type }) => type !== 'null')
  const [only, second] = others
  return only !== undefined && second === undefined ? only : schema
}

const descriptionOf = (schema: JsonSchema): string | undefined =>
  schema.description ?? meant(schema).description

const typeOf = (schema: JsonSchema): Markup => {
  const name = componentName(schema)
  if (name !== undefined) return html`<a href="#schema-${name}">${name}</a>`
  if (schema.anyOf !== undefined) return joined(schema.anyOf.map(typeOf), ' or ')
  const { type } = schema
  if (Array.isArray(type)) return html`${type.join(' or ')}`
  if (type === 'array') {
    const items = own(Array.isArray(schema.items) ? schema.items[0] : schema.items)
    return html`array of ${items.properties === undefined ? typeOf(items) : 'objects'}`
  }
  if (type === 'object' && schema.properties === undefined) {
    const values = own(schema.additionalProperties)
    return values.type === undefined ? html`object` : html`map to ${typeOf(values)}`
  }
  return html`${type ?? 'anything'}`
}

const limitsOf = (outer: JsonSchema): Markup[] => {
  const schema = meant(outer)
  const limits: Markup[] = []
  const choices = schema.enum ?? own(schema.additionalProperties).enum
  if (choices !== undefined) {
    const each = choices.map((choice) => html`<code>${String(choice)}</code>`)
    limits.push(html`one of ${joined(each, ', ')}`)
  }
  if (schema.const !== undefined) limits.push(html`always <code>${String(schema.const)}</code>`)
  const { minLength, maxLength, minimum, maximum, maxItems, pattern, format } = schema
  if (maxLength !== undefined) {
    limits.push(html`${minLength === undefined ? 'at most' : `${minLength} to`} ${maxLength} characters`)
  } else if (minLength !== undefined) limits.push(html`at least ${minLength} characters`)
  if (minimum !== undefined && maximum !== undefined) limits.push(html`${minimum} to ${maximum}`)
  else if (minimum !== undefined) limits.push(html`${minimum} or more`)
  if (maxItems !== undefined) limits.push(html`at most ${maxItems} entries`)
  if (format === 'date-time') limits.push(html`UTC, like <code>2027-01-31T12:00:00Z</code>`)
  else if (pattern !== undefined && pattern.length <= 60) limits.push(html`matches <code>${pattern}</code>`)
  return limits
}

/** Fields of objects within lists are shown under the field that holds them. */
export const withNested = (fields: readonly Field[]): Field[] =>
  fields.flatMap((field) => {
    const items = own(Array.isArray(field.schema.items) ? field.schema.items[0] : field.schema.items)
    const inner = fieldsOf(items).map((child) => ({ ...child, name: `${field.name}[].${child.name}` }))
    return [field, ...inner]
  })
