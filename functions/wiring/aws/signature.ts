import type { KeyObject } from 'node:crypto'
import { createHmac, createSecretKey, hash } from 'node:crypto'

export type Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

export type UnsignedCall = {
  readonly host: string
  readonly region: string
  /** As in the scope of a signature: `dynamodb`. */
  readonly service: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const hmac = (key: string | Buffer | KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/** By service. A key is good for a day. Without it each call would take four more HMACs, a third of its processor time. */
const signingKeys = new Map<string, { readonly of: string; readonly key: KeyObject }>()

const signingKey = (secretAccessKey: string, day: string, region: string, service: string): KeyObject => {
  const of = [secretAccessKey, day, region].join()
  const kept = signingKeys.get(service)
  if (kept?.of === of) return kept.key
  const bytes = [day, region, service, 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`))
  const key = createSecretKey(bytes)
  signingKeys.set(service, { of, key })
  return key
}

/**
 * The headers of a POST to `/` with AWS's Signature Version 4.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * @param call names of headers in lower case
 * @param at milliseconds since 1970
 */
export const signedHeaders = (
  { host, region, service, headers, body }: UnsignedCall,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  at: number,
): Readonly<Record<string, string>> => {
  const time = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const all: Record<string, string> = {
    ...headers,
    host,
    'x-amz-date': time,
    ...(sessionToken === '' ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const names = Object.keys(all).sort()
  const canonical = [
    'POST',
    '/',
    '',
    ...names.map((name) => `${name}:${all[name]}`),
    '',
    names.join(';'),
    hash('sha256', body),
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`
  const signature = hmac(signingKey(secretAccessKey, day, region, service), toSign).toString('hex')
  return {
    ...all,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}
