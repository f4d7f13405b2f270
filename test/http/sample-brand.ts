import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { Brand } from '../../lib/brand/brand.ts'
import { shadesOf } from '../../lib/brand/shades.ts'
import type { Page } from '../../lib/http/pages/link-page.ts'

export const hostile = `"><script>alert(1)</script><img src=x onerror='x'>&amp;`

/** An organization with everything that it can choose. */
export const sampleBrand: Brand = {
  name: 'Example Ltd',
  shades: shadesOf('#00664b'),
  logo: { path: '/v1/organizations/org_1/logo/ab', width: 200, height: 100 },
}

/** Expects that a page loads its own style sheet, its organization's logo if it shows one, and nothing else. */
export const expectClosed = ({ html, policy }: Page): void => {
  const sheet = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? ''
  const images = [...html.matchAll(/<img src="([^"]*)"/g)].map(([, source]) => source)
  const hash = createHash('sha256').update(sheet).digest('base64')
  expect(policy).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; ${images.length === 0 ? '' : "img-src 'self'; "}form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  )
  for (const source of images) expect(source).toMatch(/^v1\/organizations\//)
  expect(html).not.toMatch(/<script|\son[a-z]+=|\sstyle=|https?:|<link|url\(|@import/)
}
