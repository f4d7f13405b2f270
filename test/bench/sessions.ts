import { createPublicKey, verify } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { jwksDocument } from '../../lib/sessions/jwks.ts'
import { issuer, newTestKey, now, signed, verifierOf } from '../sessions/crafted-token.ts'
import type { Row } from './row.ts'
import { cpuInTurns } from './turns.ts'

/** What a session token costs the authorizer, beside jose and beside the RSA operation alone. */
export const sessionRows = async (): Promise<Row[]> => {
  const key = newTestKey()
  const alive = { epoch: '3.mem_0123456789ab.4', audience: null }
  const { text } = await signed(key, alive)
  const [header, payload, signature] = text.split('.')
  const signingInput = Buffer.from(`${header}.${payload}`)
  const signatureBytes = Buffer.from(signature ?? '', 'base64url')
  const publicKey = createPublicKey(key.privateKey)
  const ours = verifierOf([key])
  const jwks = createLocalJWKSet({ keys: [...jwksDocument([key]).keys] })
  const options = {
    issuer,
    audience: issuer,
    typ: 'at+jwt',
    algorithms: ['RS256'],
    currentDate: new Date(now),
  }
  const foreign = (await signed(newTestKey(), alive)).text
  if (!ours(text).ok || ours(foreign).ok) throw new Error('the verifier does not work')

  const cost = await cpuInTurns({
    ours: () => ours(text),
    rsa: () => verify('RSA-SHA256', signingInput, publicKey, signatureBytes),
    jose: () => jwtVerify(text, jwks, options),
    foreign: () => ours(foreign),
  })
  const of = (name: string) => cost.get(name) ?? Number.NaN
  return [
    { name: 'verify a session token', value: of('ours'), unit: 'µs CPU', limit: null },
    {
      name: 'verify a session token / the RSA operation alone',
      value: of('ours') / of('rsa'),
      unit: '×',
      limit: 1.7,
    },
    { name: 'verify a session token / jose', value: of('ours') / of('jose'), unit: '×', limit: 0.7 },
    { name: 'refuse the token of another deployment', value: of('foreign'), unit: 'µs CPU', limit: 10 },
  ]
}
