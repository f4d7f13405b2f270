import { describe, expect, it } from 'vitest'
import {
  creationOptions,
  newChallenge,
  requestOptions,
  verifiedCreation,
  verifiedUse,
} from '../../lib/factors/passkey.ts'
import type { StoredPasskey } from '../../lib/factors/stored-factors.ts'
import { securityKey } from './authenticator.ts'

const issuer = 'https://postern.example'
const challenge = newChallenge((size) => new Uint8Array(size).fill(7))
const page = { challenge, origin: issuer }
const user = { userId: 'usr_1', username: 'partner-42' } as const

const enrolled = async () => {
  const device = securityKey()
  const created = await verifiedCreation(issuer, challenge, device.create(page))
  if (created === null) throw new Error('not created')
  const passkey: StoredPasskey = {
    ...created,
    ...{ factorKind: 'passkey', factorId: 'fac_1', name: '', createdAt: '', lastUsedAt: null },
  }
  return { device, created, passkey }
}

const elsewhere = [
  ['another origin', { origin: 'https://postern.example.evil.example' }],
  ['another origin that names the host', { origin: 'https://evil.example', rpId: 'postern.example' }],
  ['a subdomain', { origin: 'https://sub.postern.example', rpId: 'postern.example' }],
  ['another port of the host', { origin: `${issuer}:8443` }],
  ['another host for the passkey', { rpId: 'evil.example' }],
  ['another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
] as const

describe('a passkey', () => {
  it('is asked for with 32 random bytes, for the host of the issuer, and not twice', async () => {
    expect(Buffer.from(challenge, 'base64url')).toEqual(Buffer.alloc(32, 7))
    const { passkey } = await enrolled()
    const known = [{ id: passkey.credentialId, transports: ['usb'], type: 'public-key' }]
    expect(await creationOptions(issuer, 'Example', user, [passkey], challenge)).toMatchObject({
      rp: { name: 'Example', id: 'postern.example' },
      user: { id: Buffer.from('usr_1').toString('base64url'), name: 'partner-42' },
      challenge,
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ alg, type: 'public-key' })),
      excludeCredentials: known,
      attestation: 'none',
      authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
    })
    expect(await requestOptions(issuer, [passkey], challenge)).toMatchObject({
      rpId: 'postern.example',
      challenge,
      allowCredentials: known,
      userVerification: 'preferred',
    })
  })

  it('is kept by its id, its public key and its counter', async () => {
    const { device, created } = await enrolled()
    const { id } = device.get(page)
    expect(created).toEqual({
      credentialId: id,
      publicKey: expect.stringMatching(/^[\w-]{60,}$/),
      counter: 0,
      transports: ['usb'],
    })
    const silent = device.create(page)
    delete silent.response.transports
    expect(await verifiedCreation(issuer, challenge, silent)).toMatchObject({ transports: [] })
  })

  it('answers with a counter that goes forward', async () => {
    const { device, passkey } = await enrolled()
    expect(await verifiedUse(issuer, challenge, passkey, device.get(page))).toBe(1)
    expect(await verifiedUse(issuer, challenge, { ...passkey, counter: 2 }, device.get(page))).toBeNull()
    expect(await verifiedUse(issuer, challenge, { ...passkey, counter: 2 }, device.get(page))).toBe(3)
  })

  it.each(elsewhere)('S5: is neither made nor used with %s', async (_, changed) => {
    const { device, passkey } = await enrolled()
    const there = { ...page, ...changed }
    expect(await verifiedCreation(issuer, challenge, securityKey().create(there))).toBeNull()
    expect(await verifiedUse(issuer, challenge, passkey, device.get(there))).toBeNull()
  })

  it('of another key or with an altered answer proves nothing', async () => {
    const { device, passkey } = await enrolled()
    const { device: other } = await enrolled()
    const [good, foreign] = [device.get(page), other.get(page)]
    const { signature } = foreign.response
    const altered = { ...good, response: { ...good.response, signature } }
    for (const response of [foreign, altered])
      expect(await verifiedUse(issuer, challenge, passkey, response)).toBeNull()
    expect(await verifiedUse(issuer, challenge, passkey, good)).toBe(1)
  })
})
