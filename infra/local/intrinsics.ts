/** Resolves the template's references to local values. `undefined` = unknown name. */
export type References = {
  readonly ref: (name: string) => string | undefined
  readonly attribute: (logicalId: string, attribute: string) => string | undefined
}

/**
 * Replaces CloudFormation's intrinsic functions with local values, at any depth. Throws an Error that names what it cannot
 * resolve: a guess would make the laptop differ from AWS.
 */
export function resolveIntrinsics(value: unknown, references: References): unknown {
  if (Array.isArray(value)) {
    return value.map((part) => resolveIntrinsics(part, references)).filter((part) => part !== noValue)
  }
  if (!isRecord(value)) return value
  const [name, ...others] = Object.keys(value)
  const isIntrinsic = others.length === 0 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))
  if (isIntrinsic) return evaluate(name, value[name], references)
  const entries = Object.entries(value).map(
    ([key, part]) => [key, resolveIntrinsics(part, references)] as const,
  )
  return Object.fromEntries(entries.filter(([, part]) => part !== noValue))
}

/** `AWS::NoValue` removes the property. */
const noValue = Symbol('AWS::NoValue')

function evaluate(name: string, argument: unknown, references: References): unknown {
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? noValue : reference(text(argument, name), references)
    case 'Fn::GetAtt':
      return attribute(argument, references)
    case 'Fn::Join': {
      const [separator, parts] = list(argument, name)
      return list(resolveIntrinsics(parts, references), name)
        .map((part) => scalar(part, name))
        .join(text(separator, name))
    }
    case 'Fn::Sub':
      return substitute(argument, references)
    case 'Fn::Select': {
      const [index, parts] = list(argument, name)
      return list(resolveIntrinsics(parts, references), name)[Number(index)]
    }
    case 'Fn::Split': {
      const [separator, whole] = list(argument, name)
      return text(resolveIntrinsics(whole, references), name).split(text(separator, name))
    }
    default:
      throw new Error(`The laptop does not know ${name}`)
  }
}

function reference(name: string, { ref }: References): string {
  const value = ref(name)
  if (value === undefined) throw new Error(`The laptop has no value for Ref ${name}`)
  return value
}

function attribute(argument: unknown, references: References): string {
  const spelled = typeof argument === 'string' ? splitOnce(argument, '.') : list(argument, 'Fn::GetAtt')
  const [logicalId, name] = spelled.map((part) => text(part, 'Fn::GetAtt'))
  const value = references.attribute(logicalId ?? '', name ?? '')
  if (value === undefined) throw new Error(`The laptop has no value for Fn::GetAtt ${logicalId}.${name}`)
  return value
}

/** `${Name}`, `${Resource.Attribute}`, the variables given beside the text, and `${!Literal}`. */
function substitute(argument: unknown, references: References): string {
  const [pattern, given] = Array.isArray(argument) ? argument : [argument, {}]
  const variables = isRecord(given) ? given : {}
  return text(pattern, 'Fn::Sub').replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
    if (literal) return `\${${name}}`
    if (Object.hasOwn(variables, name))
      return scalar(resolveIntrinsics(variables[name], references), 'Fn::Sub')
    return name.includes('.') ? attribute(name, references) : reference(name, references)
  })
}

function splitOnce(whole: string, separator: string): [string, string] {
  const at = whole.indexOf(separator)
  return at < 0 ? [whole, ''] : [whole.slice(0, at), whole.slice(at + separator.length)]
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  throw new Error(`${where} needs a text, not ${JSON.stringify(value)}`)
}

function scalar(value: unknown, where: string): string {
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  if (isScalar) return String(value)
  throw new Error(`${where} needs texts, not ${JSON.stringify(value)}`)
}

function list(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value
  throw new Error(`${where} needs a list, not ${JSON.stringify(value)}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
