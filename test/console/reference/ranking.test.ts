import { describe, expect, it } from 'vitest'
import type { Found } from '../../../console/reference/browser/ranking.ts'
import { ranked } from '../../../console/reference/browser/ranking.ts'

const place = (title: string, detail = '', words = ''): Found => ({
  kind: 'endpoint',
  title,
  detail,
  words,
  url: `/docs#${title}`,
})
const titles = (places: readonly Found[], query: string) => ranked(places, query).map(({ title }) => title)

describe('the search', () => {
  it('puts the name first, then the beginning of a word in it, then what stands under it, then the text', () => {
    const places = [
      place('Mentioned', '', 'about rotation'),
      place('In the path', 'POST /v1/rotate'),
      place('How to rotate keys'),
      place('rotate'),
    ]
    expect(titles(places, 'rotate')).toEqual(['rotate', 'How to rotate keys', 'In the path'])
    expect(titles(places, 'rotat')).toEqual(['How to rotate keys', 'rotate', 'In the path', 'Mentioned'])
  })

  it('finds what has every term, in any case, each at the beginning of a word of the text', () => {
    const places = [place('Keys', '', 'expiry overlap'), place('Tokens', '', 'expiry')]
    expect(titles(places, 'EXPIRY over')).toEqual(['Keys'])
    expect(titles(places, 'xpiry')).toEqual([])
    expect(titles(places, '   ')).toEqual([])
  })

  it('puts shapes after what uses them', () => {
    const shape: Found = { ...place('Whitelist'), kind: 'shape' }
    expect(titles([shape, place('Replace the whitelist')], 'whitelist')).toEqual([
      'Replace the whitelist',
      'Whitelist',
    ])
  })

  it('shows twenty places at most', () => {
    expect(
      ranked(
        Array.from({ length: 50 }, (_, index) => place(`Key ${index}`)),
        'key',
      ),
    ).toHaveLength(20)
  })
})
