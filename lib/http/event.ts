import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { DomainError } from '../effects/domain-error.ts'

/** Larger than any legitimate request; checked before parsing and hashing (CVE-2013-1443). */
export const maximumBodyBytes = 256 * 1024

const tooLarge = (maximum: number) =>
  new DomainError('body_too_large', { detail: `The body can have at most ${maximum} bytes.` })

/** The body as text; it must be UTF-8. */
export const bodyText = (event: APIGatewayProxyEventV2, maximum = maximumBodyBytes): string => {
  if (event.body === undefined) return ''
  if (!event.isBase64Encoded) {
    if (Buffer.byteLength(event.body, 'utf8') > maximum) throw tooLarge(maximum)
    // API Gateway replaces invalid UTF-8 in bodies that it takes for text.
    if (event.body.includes('\ufffd')) throw notUtf8()
    return event.body
  }
  const bytes = Buffer.from(event.body, 'base64')
  if (bytes.length > maximum) throw tooLarge(maximum)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw notUtf8()
  }
}

const notUtf8 = () => new DomainError('malformed_body', { detail: 'The body is not UTF-8.' })

export type ContentType = { readonly essence: string; readonly isUtf8: boolean }

/** RFC 9110 section 8.3.1. */
export const contentType = (event: APIGatewayProxyEventV2): ContentType => {
  const [essence = '', ...parameters] = (event.headers['content-type'] ?? '').split(';')
  const charset = parameters
    .map((text) => text.trim().toLowerCase())
    .find((text) => text.startsWith('charset='))
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset)
  return { essence: essence.trim().toLowerCase(), isUtf8 }
}

/** Whether an Accept header (RFC 9110 section 12.5.1) names this type explicitly. Wildcards and a weight of zero do not count. */
export const namesType = (accept: string | undefined, mediaType: string): boolean =>
  (accept ?? '').split(',').some((range) => {
    const [essence = '', ...parameters] = range.split(';').map((text) => text.trim().toLowerCase())
    const isRefused = parameters.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter))
    return essence === mediaType && !isRefused
  })

/** Whether an Accept-Encoding header (RFC 9110 section 12.5.3) allows this content coding. An explicit name has precedence over `*`. */
export const acceptsCoding = (acceptEncoding: string | undefined, coding: string): boolean => {
  const weights = new Map<string, number>()
  for (const range of (acceptEncoding ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((text) => text.trim())
    const weight = parameters.map((text) => /^q\s*=\s*([01](?:\.[0-9]{0,3})?)$/.exec(text)?.[1]).find(Boolean)
    weights.set(name, weight === undefined ? 1 : Number(weight))
  }
  return (weights.get(coding) ?? weights.get('*') ?? 0) > 0
}
