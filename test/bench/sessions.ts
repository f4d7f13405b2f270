import { createPublicKey, verify } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { jwksDocument } from '../../lib/sessions/jwks.ts'
import { issuer, newTestKey, now, signed, verifierOf } from '../sessions/crafted-token.ts'
import { median, type Row } from './row.ts'

const rounds = 15
const callsPerRound = 400

/** Microseconds of CPU for one call, as the median of rounds in which the candidates take turns, so that all see the same machine. */
const cpuMicroseconds = async <Name extends string>(
  candidates: Readonly<Record<Name, () => unknown>>,
): Promise<ReadonlyMap<string, number>> => {
  const samples = new Map<string, number[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, call] of Object.entries<() => unknown>(candidates)) {
      const before = process.cpuUsage()
      for (let index = 0; index < callsPerRound; index += 1) await call()
      const { user, system } = process.cpuUsage(before)
      // The first round warms up.
      if (round > 0) samples.set(name, [...(samples.get(name) ?? []), (user + system) / callsPerRound])
    }
  }
  return new Map([...samples].map(([name, values]) => [name, median(values)]))
}

/** What a session token costs the authorizer, beside jose and beside the RSA operation alone. */
export const sessionRows = async (): Promise<Row[]> => {
  const key = newTestKey()
  const alive = { epoch: '3.plc_0123456789ab.4', audience: null }
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

  const cost = await cpuMicroseconds({
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
