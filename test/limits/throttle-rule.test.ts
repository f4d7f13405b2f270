import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../infra/aws/project-root.ts'
import * as rules from '../../lib/limits/throttle-rule.ts'
import { resetLifetimeSeconds } from '../../lib/passwords/reset-token.ts'

type Rule = rules.ThrottleRule | rules.InARowRule

/** What the documentation says of a rule, as in "300 in 5 minutes · 20 in 15" or "100, however long it takes". */
const documented = (page: string, row: string): string[] => {
  const line = readFileSync(join(projectRoot, 'docs', page), 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`| ${row}`))
  const [, , limits = ''] = line?.split('|') ?? []
  return limits.split('·').flatMap((part) => {
    const [, time] = / in (\d+)/.exec(part) ?? []
    const window = part.includes('a day') ? 86_400 : time === undefined ? null : Number(time) * 60
    const counts = part.replace(/ in \d+.*|, however.*/, '').match(/\d+/g) ?? []
    return counts.map((count) => `${count} in ${window}`)
  })
}
const written = ({ attempts, windowSeconds }: Rule) => `${attempts} in ${windowSeconds}`

describe('the limits', () => {
  it.each<[string, string, readonly Rule[]]>([
    [
      'security.md',
      'wrong passwords or codes for one account from one source',
      [rules.loginPerAccountAndSource],
    ],
    ['security.md', 'failed logins from one source', [rules.loginPerSource]],
    ['security.md', 'the same two for one IPv6 /48', [rules.loginPerAccountAndSite, rules.loginPerSite]],
    ['security.md', 'wrong passwords in a row for one account, from all', [rules.loginInARow]],
    ['security.md', 'wrong passwords in a row for one account from one', [rules.loginInARowPerSource]],
    ['security.md', 'wrong second factors in a row', [rules.secondFactorInARow]],
    ['security.md', 'wrong current passwords of one user', [rules.passwordChangePerCredential]],
    ['security.md', 'wrong current passwords in a row', [rules.currentPasswordInARow]],
    [
      'security.md',
      'reset requests from one source',
      [rules.resetPerSource, rules.resetPerLogin, rules.resetMailPerUser],
    ],
    [
      'security.md',
      'mails to one address that is not verified',
      [rules.resetMailPerAddressAndOrganization, rules.resetMailPerAddress],
    ],
    [
      'security.md',
      'mails about invitations to one user',
      [rules.invitationMailPerUserAndOrganization, rules.invitationMailPerUser],
    ],
    ['password-reset.md', 'new passwords from one source', [rules.resetConfirmPerSource]],
  ])('are those of docs/%s: %s', (page, row, those) => {
    expect(those.map(written)).toEqual(documented(page, row))
  })

  it.each([
    ['invitations.md', rules.invitationAcceptPerSource, 300, 'One source can try {n} in 5 minutes'],
    ['whitelist.md', rules.providerRefreshes, 3600, '{n} an hour for each'],
    ['audit.md', rules.refusalsNoted.perSource, 60, 'leaves {n} rows at most'],
    ['audit.md', rules.refusalsNoted.perGroup, 60, 'all of them together {n} an organization'],
    ['denials.md', rules.denialsKept.perSource, 60, '{n} of one user or address are kept'],
    ['denials.md', rules.denialsKept.perGroup, 60, 'and {n} of an organization'],
  ])('are those of docs/%s: %o', (page, { attempts, windowSeconds }, seconds, sentence) => {
    expect(windowSeconds).toBe(seconds)
    expect(readFileSync(join(projectRoot, 'docs', page), 'utf8')).toContain(
      sentence.replace('{n}', String(attempts)),
    )
  })

  it('keep the counters of different rules apart', () => {
    const named = Object.values(rules).flatMap((value) =>
      typeof value !== 'object' ? [] : 'name' in value ? [value] : Object.values(value),
    )
    const names = named.map((rule) => rule.name)
    expect(names.length).toBeGreaterThan(15)
    for (const name of names) expect(name).toMatch(/^[a-z][-a-z0-9]+$/)
    expect(new Set(names).size).toBe(names.length)
    expect(new Set(named.map((rule) => rules.throttleSubject(rule, 'one'))).size).toBe(names.length)
  })

  it('of resets have windows that are shorter than a link lives: a dropped request leaves a good one (R8)', () => {
    for (const { windowSeconds } of [rules.resetPerLogin, rules.resetMailPerUser])
      expect(windowSeconds).toBeLessThan(resetLifetimeSeconds)
  })

  it('of what is written down about refusals have one window each for source and group, of a minute', () => {
    for (const { perSource, perGroup } of [rules.refusalsNoted, rules.denialsKept]) {
      expect([perSource.windowSeconds, perGroup.windowSeconds]).toEqual([60, 60])
      expect(perSource.attempts).toBeLessThan(perGroup.attempts)
    }
  })

  it('of failed logins have one window, since one row counts them all', () => {
    const { loginPerAccountAndSource, loginPerSource, loginPerAccountAndSite, loginPerSite } = rules
    for (const rule of [loginPerSource, loginPerAccountAndSite, loginPerSite])
      expect(rule.windowSeconds).toBe(loginPerAccountAndSource.windowSeconds)
  })
})

describe('what is counted', () => {
  it('is stored hashed, since anything may have been typed as a login', () => {
    const hashed = rules.throttleSubject(rules.loginPerSource, 'my secret passphrase')
    expect(hashed).toMatch(/^[0-9a-f]{64}$/)
    expect(rules.throttleSubject(rules.loginPerSource, 'another')).not.toBe(hashed)
  })

  it('is counted in windows of the clock, the same for all who ask in one', () => {
    const rule = { name: 'test', attempts: 1, windowSeconds: 900 }
    const startSeconds = Date.parse('2026-11-21T12:00:00.000Z') / 1000
    const windows = [0, 1, 899_999].map((passed) => rules.windowAt(rule, startSeconds * 1000 + passed))
    expect(new Set(windows.map((window) => JSON.stringify(window)))).toEqual(
      new Set([JSON.stringify({ startSeconds, endSeconds: startSeconds + 900 })]),
    )
  })
})

describe('a rule without a window', () => {
  it('does not compile where a window is needed', () => {
    const at = Date.parse('2026-11-21T12:00:00.000Z')
    // @ts-expect-error it has none
    const window = () => rules.windowAt(rules.loginInARow, at)
    // @ts-expect-error nor a time at which to come again
    const retry = () => rules.retryAfterSeconds(rules.loginInARow, at)
    expect([window, retry]).toHaveLength(2)
  })
})

describe('who is over a limit', () => {
  const rule = { name: 'test', attempts: 1, windowSeconds: 900 }
  const start = Date.parse('2026-11-21T12:00:00.000Z')

  it.each([
    [0, 900],
    [1, 900],
    [60_000, 840],
    [899_001, 1],
    [899_999, 1],
    [900_000, 900],
  ])('hears when the window ends: %i ms after its begin, in %i s', (after, seconds) => {
    expect(rules.retryAfterSeconds(rule, start + after)).toBe(seconds)
  })
})
