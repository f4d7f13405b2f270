import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { guideFrom, guideNames } from '../../../console/reference/guides.ts'
import { domainErrorCodes } from '../../../lib/effects/domain-error.ts'

const guides = guideNames.map((name) => guideFrom(name, readFileSync(`docs/${name}.md`, 'utf8')))

const idsIn = (markup: string) => [...markup.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
const anchors = new Map([
  ['/docs', ['errors', ...domainErrorCodes.map((code) => `error-${code}`)]],
  ...guides.map(({ name, content }) => [`/docs/guides/${name}`, idsIn(content.markup)] as const),
])

describe('the guides', () => {
  it.each(guides)('$name: every link leads to a place that is served, or to another site', (guide) => {
    const links = [...guide.content.markup.matchAll(/<a href="([^"]*)"/g)].map(([, href = '']) => href)
    expect(links.length).toBeGreaterThan(0)
    const dead = links.filter((href) => {
      if (href.startsWith('https://')) return false
      const [path = '', anchor] = href.split('#')
      const there = anchors.get(path === '' ? `/docs/guides/${guide.name}` : path)
      return there === undefined || (anchor !== undefined && !there.includes(anchor))
    })
    expect(dead).toEqual([])
  })

  it.each(guides)(
    '$name: has one title, every id once, and every sample in reach of the keyboard',
    (guide) => {
      const { markup } = guide.content
      expect([...markup.matchAll(/<h1/g)]).toHaveLength(1)
      expect(new Set(idsIn(markup)).size).toBe(idsIn(markup).length)
      expect([...markup.matchAll(/<pre/g)].length).toBe([...markup.matchAll(/<pre tabindex="0"/g)].length)
      expect(markup).not.toMatch(/<script|\sstyle=|\son\w+=|javascript:/i)
    },
  )
})

describe('a page of docs', () => {
  const markupOf = (markdown: string) => guideFrom('access', `# Title\n\n${markdown}`).content.markup

  it('keeps its words where a page that is not served was linked', () => {
    expect(markupOf('see [how it is *stored*](storage.md#items), ok')).toContain(
      'see how it is <em>stored</em>, ok',
    )
  })

  it('leads to the reference for the errors, and to guides under their own paths', () => {
    expect(markupOf('[errors](errors.md)')).toContain('<a href="/docs#errors">errors</a>')
    expect(markupOf('[guests](access.md#guests)')).toContain(
      '<a href="/docs/guides/access#guests">guests</a>',
    )
  })

  it('stays text in samples, and brings no HTML of its own', () => {
    expect(markupOf('```sh\ncurl "<script>"\n```')).toContain('curl &quot;&lt;script&gt;&quot;')
    expect(() => markupOf('<script>alert(1)</script>')).toThrow('HTML of its own')
    expect(() => markupOf('a <b onclick="x">word</b>')).toThrow('HTML of its own')
    expect(markupOf('[x](javascript:alert(1))')).not.toContain('<a')
  })
})
