import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { defaultPasswordPolicy, passwordPolicyOf } from '../../lib/secrets/password-policy.ts'
import { checkPassword } from '../../lib/secrets/password-rules.ts'
import { asPasswordText } from '../../lib/secrets/password-text.ts'

const context = ['partner-42', 'ops@partner.example', 'Example Trading Ltd']
const accepts = async (password: string): Promise<boolean> =>
  (await checkPassword(password, defaultPasswordPolicy, context)).ok
const accepted = async (passwords: readonly string[]): Promise<string[]> => {
  const judged = await Promise.all(passwords.map(async (text) => ((await accepts(text)) ? [text] : [])))
  return judged.flat()
}
const words = (text: string): string[] => text.trim().split(/\s+/)

describe('passwords that are tried first (ASVS 5.0 6.2.4)', () => {
  it('are refused: the 3000 most frequent ones of the list that are long enough, in any case', async () => {
    const file = 'node_modules/@zxcvbn-ts/language-common/src/passwords.json'
    const byFrequency = z.array(z.string()).parse(JSON.parse(readFileSync(file, 'utf8')))
    const fitting = byFrequency.filter((password) => [...password].length >= 8)
    expect(fitting.length).toBeGreaterThan(3000)
    const most = fitting.slice(0, 3000)
    expect(await accepted([...most, ...most.map((password) => password.toUpperCase())])).toEqual([])
  })

  // Of 8 characters and more among the first 1000 of the British NCSC's list of 2019, which is not where the rules come from.
  it('are refused: those of another list', async () => {
    const frequent = words(`
      123456789 password 12345678 password1 1234567890 iloveyou 1q2w3e4r5t qwertyuiop 1qaz2wsx myspace1 1q2w3e4r qwerty123
      987654321 asdfghjkl 123123123 computer princess football sunshine 1234qwer iloveyou1 fuckyou1 789456123 princess1
      11111111 passer2009 abcd1234 football1 superman jordan23 12qwaszx baseball 123456789a 88888888 michael1 babygirl1
      blink182 qwer1234 liverpool michelle q1w2e3r4 0123456789 iloveyou2 jennifer 147258369 jessica1 0987654321 baseball1
      qazwsxedc 1111111111 anthony1 basketball passw0rd trustno1 chocolate qwerty12 charlie1 samantha asdf1234 superman1
      butterfly internet alexander 00000000 12341234 whatever 1qazxsw2 password12 hello123 12344321 starwars 1234567891
      12345678910 87654321 0000000000 1234554321 a1b2c3d4 Password1 iloveyou! 12121212 lovelove 9876543210 1122334455
      password! 1234512345 aaaaaaaa 5555555555 21212121 changeme welcome123 admin123 test1234 summer08 motdepasse`)
    expect(await accepted(frequent)).toEqual([])
  })

  it('are refused in the ways in which people comply with rules of composition', async () => {
    const obvious = words(`
      Password1! Password123! P@ssw0rd1 P@$$w0rd Pa$$w0rd123 Welcome2025! Summer2026! Winter2024 Spring2026 October2025
      January2026! Monday123! Admin@123 Admin1234! Qwerty123! Company2026! changeme123 Letmein123! Dragon2024 Football99
      Baseball2023! Test@1234 abcd1234! 1qaz@WSX !QAZ2wsx Secret123! London2024 Michael1985 hunter2hunter2 passwordpassword
      123456789012 aaaaaaaaaaaa abcabcabcabc abcdefghijkl qwertyqwerty drowssap1 root1234 server123`)
    expect(await accepted(obvious)).toEqual([])
  })

  it('are refused with any of the signs that stand for letters', async () => {
    expect(await accepted(words('$uper$7ar sun5h!ne 0ct0pu55 4lex4nder w4rcr4f7'))).toEqual([])
  })

  it('are refused when they name the user, its address, the organization or Postern', async () => {
    const named = words(`
      partner-42 Partner42! partner2026 P4rtner-42 ops@partner.example example-trading ExampleTrading1 tradingltd
      Trading2026! Postern1! postern-2026 P0stern!!`)
    expect(await accepted(named)).toEqual(['tradingltd'])
  })

  it('are not taken for others: the source systems’ own call, passphrases, names with more, long decorations, chance', async () => {
    const good = [
      'thisisatest',
      'quite long enough now',
      'correct horse battery staple',
      'partner-42 opens the gate',
      'dragon 8395710482',
      'ein-langer-satz',
      'contraseña de la abuela',
      'пароль для партнёра',
      '密码不是这个密码呢',
      '👩‍🚀👩‍🚀🚀🛰🌍🌙⭐☄',
    ]
    expect(await accepted(good)).toEqual(good)
    const chance = Array.from({ length: 2000 }, (_, index) =>
      createHash('sha256').update(`password ${index}`).digest('base64url').slice(0, 12),
    )
    expect((await accepted(chance)).length).toBe(chance.length)
  })
})

describe('the policy of an organization', () => {
  it.each([
    ['seven77', 'must have at least 8 characters'],
    ['an & in the middle', 'must not contain the character &'],
    ['\ud800 half a character', 'must be well-formed Unicode'],
    ['é'.repeat(513), 'must have at most 1024 bytes'],
    ['Password123', 'is a common password, or a variation of one'],
    [
      'example-trading-ltd!!',
      'must not be a name of the user, the organization or Postern with a few characters added',
    ],
  ])('refuses %s', async (password, message) => {
    const policy = { minimumLength: 8, forbiddenCharacters: '&' }
    expect(await checkPassword(password, policy, context)).toEqual({ ok: false, message })
  })
  it('is the one that is stored with it', () => {
    const stored = { minimumPasswordLength: 12, forbiddenPasswordCharacters: '<>' }
    expect(passwordPolicyOf(stored)).toEqual({ minimumLength: 12, forbiddenCharacters: '<>' })
  })

  it('accepts the shortest and the longest password', async () => {
    const policy = { minimumLength: 8, forbiddenCharacters: '' }
    for (const password of ['kq7v-zj🌙', `${'é'.repeat(511)}kq`])
      expect(await checkPassword(password, policy, [null])).toEqual({ ok: true, password })
  })

  it('takes a word of four letters for a name, and the joined beginnings of a name', async () => {
    const judge = (text: string, name: string) => checkPassword(text, defaultPasswordPolicy, [name])
    expect(await judge('12345-zyqk-12345', 'zyqk')).toMatchObject({ ok: false })
    expect(await judge('zyqkwuvo77', 'Zyqk.Wuvo.Hexum')).toMatchObject({ ok: false })
    expect(await judge('zyqk.wuvo', 'zyqk.wuvo@partner.example')).toMatchObject({ ok: false })
    expect(await judge('wuvo.hexum77', 'zyqk@wuvo.hexum')).toMatchObject({ ok: false })
    expect(await judge('12345-zyq-12345', 'zyq')).toMatchObject({ ok: true })
  })
})

describe('a password that is presented', () => {
  it('is none when it is longer than any that was accepted', () => {
    const longest = 'é'.repeat(512)
    expect([asPasswordText(longest), asPasswordText(`${longest}x`)]).toEqual([longest, undefined])
  })
})
