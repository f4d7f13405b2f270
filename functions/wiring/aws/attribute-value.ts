/** A value as DynamoDB's JSON writes it: `{"S": "text"}`. */
export type AttributeValue = Readonly<Record<string, unknown>>
export type Document = Readonly<Record<string, unknown>>

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

/** @throws Error for a number that JSON or DynamoDB would change. */
const numberText = (value: number): string => {
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new Error(`DynamoDB cannot keep the number ${value}`)
  return String(value)
}

const written = (value: unknown): AttributeValue => {
  if (value === null) return { NULL: true }
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'boolean') return { BOOL: value }
  if (typeof value === 'number') return { N: numberText(value) }
  if (isBytes(value)) return { B: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return { L: value.filter((one) => one !== undefined).map(written) }
  if (value instanceof Set) return writtenSet([...value])
  if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value)))
    return { M: marshall(value as Document) }
  throw new Error(`DynamoDB has no type for ${Object.prototype.toString.call(value)}`)
}

const writtenSet = (values: readonly unknown[]): AttributeValue => {
  if (values.length > 0 && values.every((one) => typeof one === 'string')) return { SS: values }
  if (values.length > 0 && values.every((one) => typeof one === 'number'))
    return { NS: values.map(numberText) }
  throw new Error('A set has texts or numbers, and at least one')
}

/** Fields that are undefined are left out. */
export const marshall = (document: Document): Record<string, AttributeValue> => {
  const attributes: Record<string, unknown> = { ...document }
  for (const name in attributes) {
    if (attributes[name] === undefined) delete attributes[name]
    else attributes[name] = written(attributes[name])
  }
  return attributes as Record<string, AttributeValue>
}

const readNumber = (text: string): number => {
  const value = Number(text)
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw new Error(`The number ${text} is too large`)
  return value
}

const readers: Readonly<Record<string, (content: never) => unknown>> = {
  NULL: () => null,
  S: (content: string) => content,
  BOOL: (content: boolean) => content,
  N: readNumber,
  B: (content: string) => new Uint8Array(Buffer.from(content, 'base64')),
  L: (content: readonly AttributeValue[]) => content.map(read),
  M: (content: Record<string, AttributeValue>) => unmarshall(content),
  SS: (content: readonly string[]) => new Set(content),
  NS: (content: readonly string[]) => new Set(content.map(readNumber)),
}

const read = (value: AttributeValue): unknown => {
  // Most are texts.
  if (typeof value['S'] === 'string') return value['S']
  for (const type in value) {
    const reader = readers[type]
    if (reader !== undefined) return reader(value[type] as never)
  }
  throw new Error(`DynamoDB sent a value of an unknown type: ${Object.keys(value).join()}`)
}

export const unmarshall = (attributes: Readonly<Record<string, AttributeValue>>): Record<string, unknown> => {
  // A copy, since V8 makes a hash table of an object that gets more than a dozen fields by computed names.
  const document: Record<string, unknown> = { ...attributes }
  for (const name in attributes) document[name] = read(attributes[name] ?? {})
  return document
}
