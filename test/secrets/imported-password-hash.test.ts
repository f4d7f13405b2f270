import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maximumHashLength, readImportedHash } from '../../lib/secrets/imported-password-hash.ts'
import { formerHashes, unusualHashes } from './foreign-hashes.ts'

const messageFor = (text: string): string => {
  const read = readImportedHash(text)
  return read.ok ? 'accepted' : read.message
}

const argon2 = (parameters: string, salt = 'c29tZXNhbHRzb21lc2FsdA', key = 'A'.repeat(43)) =>
  `$argon2id$v=19$${parameters}$${salt}$${key}`
const bcrypt = (cost: string) => `$2b$${cost}$${'0XGCgZrwlMn0ecEK1zzFZeA2kGqnwrFzumhHifOdp5lWPDMuJlLPS'}`
const django = (iterations: string, salt = 'tfR07SZuELwayumidy6fdr') =>
  `pbkdf2_sha256$${iterations}$${salt}$v+g2RG+WUxqccdQU8EuAgv8Drl5kE5T8BnYP2rPXHKY=`
const passlib = (salt: string, key = 'DkGdrrVi9ovq/G9AsyoNsq7ZrqbGm/vVgyNMf6IHJzc') =>
  `$pbkdf2-sha256$29000$${salt}$${key}`

describe('a hash of another system', () => {
  it.each([...Object.entries(formerHashes), ...Object.entries(unusualHashes)])(
    'is accepted from %s',
    (_library, text) => {
      expect(messageFor(text)).toBe('accepted')
    },
  )

  it('is read as what verifies it', () => {
    const accepted = (text: string) => {
      const read = readImportedHash(text)
      return read.ok ? read.imported : read.message
    }
    const ofArgon2 = argon2('m=64,t=1,p=1')
    expect(accepted(ofArgon2)).toEqual({ scheme: 'argon2', text: ofArgon2 })
    expect(accepted(bcrypt('10'))).toEqual({ scheme: 'bcrypt', text: bcrypt('10') })
    expect(accepted(django('600000', 'saltsalt'))).toEqual({
      ...{ scheme: 'pbkdf2', text: django('600000', 'saltsalt'), digest: 'sha256', iterations: 600_000 },
      salt: Buffer.from('saltsalt'),
      key: Buffer.from('v+g2RG+WUxqccdQU8EuAgv8Drl5kE5T8BnYP2rPXHKY=', 'base64'),
    })
  })

  it('is told all that is accepted when it is refused', () => {
    expect(messageFor('')).toBe(
      'is not a supported hash; accepted are argon2id, argon2i and argon2d ($argon2id$v=19$…, at most m=131072, t=10, p=8 and m×t=524288), ' +
        'bcrypt ($2a$, $2b$ or $2y$, cost 4 to 14), and PBKDF2 with SHA-256 or SHA-512 as Django (pbkdf2_sha256$…) or passlib ($pbkdf2-sha256$…) writes it ' +
        '(1000 to 2000000 iterations)',
    )
  })

  it('is stored without the name that Django puts before it', () => {
    const read = readImportedHash(formerHashes['Django argon2'] ?? '')
    expect(read).toMatchObject({ ok: true, imported: { text: expect.stringMatching(/^\$argon2id\$/) } })
  })

  it.each([
    ['much memory', argon2('m=131073,t=1,p=1')],
    ['memory beyond numbers', argon2(`m=${'9'.repeat(400)},t=1,p=1`)],
    ['many passes', argon2('m=64,t=11,p=1')],
    ['many lanes', argon2('m=1024,t=1,p=9')],
    ['much memory many times', argon2('m=65536,t=9,p=1')],
    ['a cost of bcrypt', bcrypt('15')],
    ['the highest cost of bcrypt', bcrypt('31')],
    ['many iterations', django('2000001')],
    ['iterations beyond numbers', django('9'.repeat(30))],
  ])('is refused for %s: no login may cost more than a function has', (_what, text) => {
    expect(messageFor(text)).toMatch(/accepted are argon2id/)
  })

  it('is accepted at the bounds themselves', () => {
    const atBounds = [
      argon2('m=131072,t=4,p=8'),
      argon2('m=8,t=1,p=1'),
      argon2('m=52428,t=10,p=1'),
      bcrypt('04'),
      bcrypt('14'),
      django('2000000'),
      django('1000'),
    ]
    expect(atBounds.map(messageFor)).toEqual(atBounds.map(() => 'accepted'))
  })

  it.each([
    ['too few iterations', django('999')],
    ['no salt', django('600000', '')],
    ['a short salt', django('600000', 'short')],
    ['a long salt', django('600000', 'x'.repeat(65))],
    ['too cheap a bcrypt', bcrypt('03')],
    ['no memory for its lanes', argon2('m=8,t=1,p=2')],
    ['a short salt of argon2', argon2('m=64,t=1,p=1', 'c2FsdA')],
    ['a short argon2 hash', argon2('m=64,t=1,p=1', undefined, 'A'.repeat(20))],
    ['a long argon2 hash', argon2('m=64,t=1,p=1', undefined, 'A'.repeat(200))],
    ['parameters in another order', argon2('t=1,m=64,p=1')],
    ['a leading zero', argon2('m=064,t=1,p=1')],
    ['a negative parameter', argon2('m=-64,t=1,p=1')],
    ['further parameters', argon2('m=64,t=1,p=1,keyid=AAAA')],
    ['an older version of argon2', argon2('m=64,t=1,p=1').replace('v=19', 'v=16')],
    ['no version of argon2', argon2('m=64,t=1,p=1').replace('$v=19', '')],
    ['an argon2 that there is not', argon2('m=64,t=1,p=1').replace('argon2id', 'argon2x')],
    ['padding', argon2('m=64,t=1,p=1', 'c29tZXNhbHRzb21lc2FsdA==')],
    ['a second spelling of the salt', argon2('m=64,t=1,p=1', 'c29tZXNhbHRzb21lc2FsdB')],
    ['another letter of bcrypt', bcrypt('10').replace('$2b$', '$2x$')],
    ['a cut-off bcrypt', bcrypt('10').slice(0, -1)],
    ['a longer bcrypt', `${bcrypt('10')}S`],
    ['bits that bcrypt does not write', `${bcrypt('10').slice(0, -1)}T`],
    ['the other alphabet', passlib('S6nV+n9PqfW+917r/V9LiQ')],
    ['padding of passlib', passlib('S6nV.n9PqfW.917r/V9LiQ==')],
    ['a short key', passlib('S6nV.n9PqfW.917r/V9LiQ', 'DkGdrrVi9ovq')],
    ['a key of the other digest', passlib('S6nV.n9PqfW.917r/V9LiQ').replace('sha256', 'sha512')],
    ['a line break behind it', `${django('600000')}\n`],
    ['a blank before it', ` ${bcrypt('10')}`],
    ['a NUL', `${bcrypt('10')}\0`],
    ['other letters than ASCII', django('600000', 'sältsältsält')],
    ['digits of another script', django('６00000')],
    ['a name of Django alone', 'argon2$'],
    ['a name of Django twice', `argon2argon2${argon2('m=64,t=1,p=1')}`],
    ['nothing', ''],
    ['scrypt', 'scrypt$16384$8$1$c2FsdHNhbHQ=$AAAA'],
    ['sha512crypt', `$6$rounds=656000$saltsaltsaltsalt$${'a'.repeat(86)}`],
    ['a hash and more', `${bcrypt('10')}${bcrypt('10')}`],
    ['a great length', '$argon2id$'.padEnd(maximumHashLength + 1, 'A')],
  ])('is refused for %s', (_what, text) => {
    expect(messageFor(text)).toMatch(/accepted are argon2id/)
  })

  it.each([
    ['is too long for a hash', '$argon2id$'.padEnd(maximumHashLength + 1, 'A')],
    ['is not an argon2 hash of version 19 in PHC format', argon2('t=1,m=64,p=1')],
    ['exceeds the cost limits', argon2('m=64,t=11,p=1')],
    ['has too little memory for its lanes', argon2('m=8,t=1,p=2')],
    [
      'must have a salt of 8 to 48 bytes and a hash of 16 to 64, in base64',
      argon2('m=64,t=1,p=1', undefined, 'A'.repeat(20)),
    ],
    ['is not a bcrypt hash of 60 characters', bcrypt('10').slice(0, -1)],
    ['is not a bcrypt hash of 60 characters', '$2$10$abc'],
    ['has a cost that is not accepted', bcrypt('15')],
    ['is not a PBKDF2 hash in the format of Django or passlib', `${django('600000')} `],
    ['has a number of iterations that is not accepted', django('999')],
    ['must have a salt of 8 to 64 bytes', django('600000', 'short')],
    ['must have a hash of 32 bytes in base64', passlib('S6nV.n9PqfW.917r/V9LiQ', 'DkGdrrVi9ovq')],
    ['is not an argon2 hash of version 19 in PHC format', `${argon2('m=64,t=1,p=1')}!`],
    ['is not an argon2 hash of version 19 in PHC format', `${argon2('m=64,t=1,p=1')}\n`],
    ['is not a PBKDF2 hash in the format of Django or passlib', `${passlib('S6nV.n9PqfW.917r/V9LiQ')}!`],
    ['is not a supported hash', ` ${bcrypt('10')}`],
    ['is not a supported hash', ` ${django('600000')}`],
    ['is not a supported hash', `x${passlib('S6nV.n9PqfW.917r/V9LiQ')}`],
    ['is not a supported hash', `x${formerHashes['Django argon2'] ?? ''}`],
    ['is not a supported hash', 'A'.repeat(maximumHashLength)],
    ['is not a supported hash', 'a'],
    ['is not a supported hash', 'xmd5$salt$0123456789abcdef0123456789abcdef'],
    [
      'must have a salt of 8 to 48 bytes and a hash of 16 to 64, in base64',
      argon2('m=64,t=1,p=1', undefined, 'A'),
    ],
    ['must have a salt of 8 to 64 bytes', passlib('A')],
    ['must have a hash of 32 bytes in base64', passlib('S6nV.n9PqfW.917r/V9LiQ', 'A')],
  ])('is told that it %s', (why, text) => {
    expect(messageFor(text)).toMatch(new RegExp(`^${why}; accepted are`))
  })

  it.each([
    ['MD5', '5f4dcc3b5aa765d61d8327deb882cf99'],
    ['SHA-1', '5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8'],
    ['a bare SHA-224', 'f'.repeat(56)],
    ['a bare SHA-256', 'a'.repeat(64)],
    ['a bare SHA-384', 'b'.repeat(96)],
    ['a bare SHA-512', '0'.repeat(128)],
    ['LDAP without a salt', '{SHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['LDAP with its size', '{SSHA512}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['md5crypt', '$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/'],
    ['Django MD5', 'md5$salt$0123456789abcdef0123456789abcdef'],
    ['Django unsalted', 'unsalted_md5$0123456789abcdef0123456789abcdef'],
    ['LDAP', '{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['PBKDF2 with SHA-1', 'pbkdf2_sha1$600000$saltsaltsalt$AAAA'],
  ])('is refused for being %s, and told why', (_what, text) => {
    expect(messageFor(text)).toMatch(/^is a fast or unsalted hash .* let the user reset the password/)
  })

  it('is never repeated in the refusal, whatever was sent', () => {
    const anyCharacter = fc.nat(0x10_ffff).map((point) => String.fromCodePoint(point))
    fc.assert(
      fc.property(fc.string({ minLength: 6, unit: anyCharacter }), (text) => {
        const read = readImportedHash(text)
        expect(read.ok || !read.message.includes(text)).toBe(true)
      }),
    )
  })

  it('never has a changed character go unnoticed where it would change the outcome', () => {
    const texts = Object.values(formerHashes)
    const position = fc.nat(200)
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        position,
        fc.string({ minLength: 1, maxLength: 1 }),
        (text, at, by) => {
          const changed = `${text.slice(0, at)}${by}${text.slice(at + 1)}`
          const read = readImportedHash(changed)
          // Accepted as it stands (but for Django's name before it), or refused: nothing is mended.
          expect(!read.ok || changed.endsWith(read.imported.text)).toBe(true)
        },
      ),
    )
  })
})
