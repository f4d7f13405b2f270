import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { argon2Hasher } from '../../lib/secrets/argon2.ts'
import { readImportedHash } from '../../lib/secrets/imported-password-hash.ts'
import { passwordHasher } from '../../lib/secrets/password-hasher.ts'
import type { PasswordHash, PasswordText } from '../../lib/secrets/password-text.ts'
import {
  dearHashes,
  formerHashes,
  formerPassword,
  seventyTwoBytes,
  seventyTwoBytesHash,
  unusualHashes,
  unusualPassword,
} from './foreign-hashes.ts'

const hasher = passwordHasher()
const verify = (stored: string, password: string) =>
  hasher.verify(stored as PasswordHash, password as PasswordText)
const storedForm = (text: string): string => {
  const read = readImportedHash(text)
  if (!read.ok) throw new Error(read.message)
  return read.imported.text
}

describe('an imported hash', () => {
  it.each(Object.entries(formerHashes))('of %s verifies its password and no other', async (library, text) => {
    const stored = storedForm(text)
    expect(await verify(stored, formerPassword)).toBe(true)
    const nearest = `${formerPassword} `
    const others = ['', formerPassword.slice(0, -1), formerPassword.toUpperCase(), nearest]
    for (const other of dearHashes.includes(library) ? [nearest] : others)
      expect([other, await verify(stored, other)]).toEqual([other, false])
  })

  it.each(Object.entries(unusualHashes))('of %s takes the UTF-8 of the password', async (_library, text) => {
    expect(await verify(storedForm(text), unusualPassword)).toBe(true)
    expect(await verify(storedForm(text), unusualPassword.normalize('NFD'))).toBe(false)
  })

  it('L5: of bcrypt never matches a password of which bcrypt leaves bytes out', async () => {
    expect(await verify(seventyTwoBytesHash, seventyTwoBytes)).toBe(true)
    for (const longer of [
      `${seventyTwoBytes}!`,
      `${seventyTwoBytes}\0`,
      `${seventyTwoBytes}${'é'.repeat(300)}`,
    ])
      expect(await verify(seventyTwoBytesHash, longer)).toBe(false)
    const stored = storedForm(formerHashes['bcrypt 2a'] ?? '')
    expect(await verify(stored, `${formerPassword}\0 and more`)).toBe(false)
  })

  it('is outdated, whatever its parameters', async () => {
    const own = await hasher.hash(formerPassword as PasswordText)
    expect(hasher.isOutdated(own)).toBe(false)
    expect(await verify(own, formerPassword)).toBe(true)
    const [, , , parameters = '', salt = ''] = own.split('$')
    const shorter = `$argon2id$v=19$${parameters}$${salt}$${'A'.repeat(22)}`
    for (const text of [...Object.values(formerHashes).map(storedForm), shorter])
      expect([text, hasher.isOutdated(text as PasswordHash)]).toEqual([text, true])
  })
})

describe('the hashes of Postern', () => {
  /** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes and one lane. */
  const recommended = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

  it('cost what OWASP recommends, the decoy too, and one of another cost is outdated', async () => {
    const own = await hasher.hash('a passphrase' as PasswordText)
    expect(own).toMatch(recommended)
    expect(await hasher.decoy()).toMatch(recommended)
    expect(hasher.isOutdated(own)).toBe(false)
    const cheaper = await argon2Hasher({ memoryCost: 19_456, timeCost: 1 }).hash('x' as PasswordText)
    expect(hasher.isOutdated(cheaper)).toBe(true)
    const smaller = await argon2Hasher({ memoryCost: 9728, timeCost: 2 }).hash('x' as PasswordText)
    expect(hasher.isOutdated(smaller)).toBe(true)
  })
})

it('fails while its library cannot be loaded, and neither answers nor keeps the failure', async () => {
  const { outputFiles } = await build({
    entryPoints: ['lib/secrets/password-hasher.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    external: ['@node-rs/argon2'],
    supported: { 'dynamic-import': false },
  })
  const real = createRequire(import.meta.url)
  let isThere = false
  const load = (name: string) => {
    if (name === '@node-rs/argon2' && !isThere) throw new Error('cannot be loaded')
    return real(name)
  }
  const module: { exports: { passwordHasher?: typeof passwordHasher } } = { exports: {} }
  compileFunction(outputFiles[0]?.text ?? '', ['module', 'require'])(module, load)
  const bundled = module.exports.passwordHasher?.(undefined)
  const [right, wrong] = ['right', 'wrong'] as PasswordText[] as [PasswordText, PasswordText]
  const stored = await argon2Hasher({ memoryCost: 8, timeCost: 1 }).hash(right)
  for (const call of [
    () => bundled?.hash(right),
    () => bundled?.verify(stored, right),
    () => bundled?.decoy(),
  ])
    await expect(call()).rejects.toThrow('cannot be loaded')
  isThere = true
  expect(await bundled?.verify(stored, right)).toBe(true)
  expect(await bundled?.verify(stored, wrong)).toBe(false)
  expect(await bundled?.decoy()).toMatch(/^\$argon2id\$/)
})
