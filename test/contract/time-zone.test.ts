import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { timezone } from '../../lib/contract/fields.ts'
import { ianaTimeZone } from '../../lib/contract/time-zone.ts'

/** Every zone and link of IANA's tzdata 2025b, but for `Factory`, which stands for no zone at all. */
const names = readFileSync('test/users/fixtures/iana-time-zones.txt', 'utf8').trim().split('\n')

describe('a time zone', () => {
  it('is spelt as IANA spells it, whatever the case that it came in', () => {
    expect(names.length).toBeGreaterThan(590)
    const wrong = names.flatMap((name) =>
      [name, name.toLowerCase(), name.toUpperCase()].flatMap((text) => {
        const spelled = ianaTimeZone(text)
        return spelled === name ? [] : [[text, spelled]]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('is never replaced by the zone that it is a link to', () => {
    expect(
      ['asia/calcutta', 'ASIA/KOLKATA', 'us/pacific', 'Europe/Kyiv', 'etc/utc'].map(ianaTimeZone),
    ).toEqual(['Asia/Calcutta', 'Asia/Kolkata', 'US/Pacific', 'Europe/Kyiv', 'Etc/UTC'])
  })

  it.each([
    ...[
      '',
      ' ',
      'Mars/Olympus',
      'Istanbul time',
      'Europe',
      'Europe/',
      '/Berlin',
      'Europe//Berlin',
      'Europe/Berlin/',
    ],
    ...[
      'Europe/Berlin ',
      ' Europe/Berlin',
      'Europe/Berlin\n',
      'Europe\\Berlin',
      'Europe/Berlin\u0000',
      '../UTC',
    ],
    ...[
      '+02:00',
      '-0200',
      '+02',
      'UTC+2',
      'GMT+2',
      'UTC+02:00',
      'Z',
      '0',
      'localtime',
      'posixrules',
      'Factory',
    ],
    // ICU's own, which are no names of IANA's: some mean several zones.
    ...['IST', 'CST', 'PST', 'JST', 'SystemV/EST5', 'Etc/Unknown'],
    // Look-alikes that fold to ASCII letters in some alphabet.
    ...['Europe/Berl\u0131n', 'Europe/\u212Ayiv', '\uFF25urope/Berlin', 'Europe/Berlin\u200b'],
    ...['constructor', '__proto__', 'Etc/constructor', `Europe/${'x'.repeat(70)}`],
  ])('refuses %j', (text) => {
    expect(ianaTimeZone(text)).toBeUndefined()
    expect(timezone.safeParse(text).error?.issues).toHaveLength(1)
  })

  it('reaches whoever uses the field in its right spelling', () => {
    expect(timezone.parse('europe/berlin')).toBe('Europe/Berlin')
    expect(timezone.safeParse(7).success).toBe(false)
    expect(timezone.safeParse(['UTC']).success).toBe(false)
  })
})
